package dev.proffer.events.log.kafka;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the topics the relay writes to. Belongs to the relay's thread. */
final class TopicMaker {
  private static final Logger LOG = LoggerFactory.getLogger(TopicMaker.class);

  /** How long the brokers may take to answer. */
  static final int ADMIN_MILLIS = 5_000;

  private final KafkaSpec spec;
  private boolean madeOnce;

  TopicMaker(KafkaSpec spec) {
    this.spec = spec;
  }

  /** The same as {@link #make}, the first time it is called and until that has succeeded. */
  void makeOnce() {
    if (!madeOnce) {
      make();
      madeOnce = true;
    }
  }

  /**
   * Makes the topics that are missing, where that is wanted and allowed. Waits for the brokers.
   *
   * @throws KafkaException when they cannot be asked
   */
  void make() {
    if (!spec.createTopics()) {
      return;
    }
    Map<String, Object> properties = spec.clientProperties("proffer-relay-topics");
    properties.put("request.timeout.ms", ADMIN_MILLIS / 2);
    properties.put("default.api.timeout.ms", ADMIN_MILLIS);
    try (Admin admin = Admin.create(properties)) {
      Set<String> there = admin.listTopics().names().get();
      List<NewTopic> missing =
          spec.logTopics().stream()
              .filter(topic -> !there.contains(topic))
              .map(topic -> new NewTopic(topic, spec.partitions(), spec.replicationFactor()))
              .toList();
      if (!missing.isEmpty()) {
        admin.createTopics(missing).all().get();
        awaitLeaders(admin, missing);
        LOG.info("made the topics {}", missing.stream().map(NewTopic::name).toList());
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RetriableException || cause instanceof AuthenticationException) {
        throw (KafkaException) cause;
      }
      // They may be there all the same, or another relay made them in this moment.
      LOG.warn("the topics were not made: {}", FailureKinds.message(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException(e);
    }
  }

  /**
   * Waits until each partition's leader answers. A record that is sent while the leader takes
   * office may lie unacknowledged until its delivery times out.
   */
  static void awaitLeaders(Admin admin, List<NewTopic> made)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (NewTopic topic : made) {
      for (int number = 0; number < topic.numPartitions(); number++) {
        ends.put(new TopicPartition(topic.name(), number), OffsetSpec.latest());
      }
    }
    admin.listOffsets(ends).all().get();
  }
}

/**
 * The log in Kafka: {@link dev.proffer.events.log.kafka.KafkaRelay} carries the spool there, {@link
 * dev.proffer.events.log.kafka.KafkaLog} reads it back, {@link
 * dev.proffer.events.log.kafka.KafkaSpec} says where it is. Kafka is known here and nowhere else.
 */
@NullMarked
package dev.proffer.events.log.kafka;

import org.jspecify.annotations.NullMarked;

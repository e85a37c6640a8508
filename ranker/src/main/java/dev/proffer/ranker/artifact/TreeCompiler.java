package dev.proffer.ranker.artifact;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.TreeScorer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.classification.Label;
import org.tribuo.common.tree.LeafNode;
import org.tribuo.common.tree.Node;
import org.tribuo.common.tree.SplitNode;
import org.tribuo.common.tree.TreeModel;
import org.tribuo.ensemble.WeightedEnsembleModel;
import org.tribuo.protos.core.WeightedEnsembleModelProto;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.rtree.IndependentRegressionTreeModel;

/**
 * Compiles Tribuo's CART trees and its ensembles of them, such as random forests. A score is what
 * Tribuo gives: a probability of yes, a share of votes, a mean.
 *
 * <p>Tribuo keeps no count of the training rows in a tree, so contributions count both ways of a
 * split alike.
 */
final class TreeCompiler {
  private static final String VOTES = "org.tribuo.classification.ensemble.VotingCombiner";
  private static final String SHARES =
      "org.tribuo.classification.ensemble.FullyWeightedVotingCombiner";
  private static final String MEAN = "org.tribuo.regression.ensemble.AveragingCombiner";

  private TreeCompiler() {}

  static <T extends Output<T>> Compiled tree(TreeModel<T> model, TribuoCompiler.Columns columns)
      throws ModelRefused {
    return compiled(List.of(model), new float[] {1}, SHARES, model.getOutputIDInfo(), columns);
  }

  static <T extends Output<T>> Compiled ensemble(
      WeightedEnsembleModel<T> model, TribuoCompiler.Columns columns)
      throws ModelRefused, InvalidProtocolBufferException {
    WeightedEnsembleModelProto proto =
        model.serialize().getSerializedData().unpack(WeightedEnsembleModelProto.class);
    List<Model<T>> members = model.getModels();
    float[] weights = new float[members.size()];
    double sum = 0;
    for (int member = 0; member < weights.length; member++) {
      weights[member] = proto.getWeightsCount() == 0 ? 1 : proto.getWeights(member);
      sum += weights[member];
    }
    for (int member = 0; member < weights.length; member++) {
      weights[member] = (float) (weights[member] / sum);
    }
    String combiner = proto.getCombiner().getClassName();
    if (!List.of(VOTES, SHARES, MEAN).contains(combiner)) {
      throw new TribuoCompiler.NotCompiled("the combiner " + combiner);
    }
    return compiled(members, weights, combiner, model.getOutputIDInfo(), columns);
  }

  private static <T extends Output<T>> Compiled compiled(
      List<? extends Model<T>> members,
      float[] weights,
      String combiner,
      ImmutableOutputInfo<T> outputs,
      TribuoCompiler.Columns columns)
      throws ModelRefused {
    List<ToDoubleFunction<LeafNode<T>>> values = new ArrayList<>();
    if (outputs.getOutput(0) instanceof Label) {
      int yes = TribuoCompiler.yes(outputs);
      for (int label = 0; label < outputs.size(); label++) {
        if (yes < 0 || yes == label) {
          String name = ((Label) outputs.getOutput(label)).getLabel();
          values.add(leaf -> value(leaf, name, combiner.equals(VOTES)));
        }
      }
    } else if (outputs.getOutput(0) instanceof Regressor) {
      TribuoCompiler.oneDimension(outputs.size());
      values.add(leaf -> ((Regressor) leaf.getOutput()).getValues()[0]);
    } else {
      throw new TribuoCompiler.NotCompiled("outputs that are neither labels nor numbers");
    }
    List<Scorer> scorers = new ArrayList<>();
    for (ToDoubleFunction<LeafNode<T>> value : values) {
      List<TreeScorer.Node> roots = new ArrayList<>();
      for (int member = 0; member < weights.length; member++) {
        double weight = weights[member];
        roots.add(
            node(root(members.get(member)), leaf -> weight * value.applyAsDouble(leaf), columns));
      }
      scorers.add(new TreeScorer(columns.width(), roots, 0));
    }
    return Compiled.of(scorers, Link.IDENTITY);
  }

  private static double value(LeafNode<?> leaf, String label, boolean votes) {
    if (votes) {
      return ((Label) leaf.getOutput()).getLabel().equals(label) ? 1 : 0;
    }
    return leaf.getDistribution().get(label) instanceof Label share ? share.getScore() : 0;
  }

  private static <T extends Output<T>> Node<T> root(Model<T> member) throws ModelRefused {
    if (member instanceof IndependentRegressionTreeModel independent) {
      @SuppressWarnings("unchecked") // the one dimension's root; T is Regressor
      Node<T> root = (Node<T>) independent.getRoots().values().iterator().next();
      return root;
    }
    if (member instanceof TreeModel<T> tree) {
      return tree.getRoot();
    }
    throw new TribuoCompiler.NotCompiled("an ensemble of " + member.getClass().getSimpleName());
  }

  private static <T extends Output<T>> TreeScorer.Node node(
      Node<T> node, ToDoubleFunction<LeafNode<T>> value, TribuoCompiler.Columns columns)
      throws ModelRefused {
    if (node instanceof LeafNode<T> leaf) {
      return TreeScorer.Node.leaf((float) value.applyAsDouble(leaf), 1);
    }
    if (!(node instanceof SplitNode<T> split)) {
      throw new TribuoCompiler.NotCompiled("a node that is a " + node.getClass().getSimpleName());
    }
    double at = split.splitValue();
    if (!Double.isFinite(at)) {
      throw new ModelRefused("a split at " + at);
    }
    return new TreeScorer.Node(
        columns.of(split.getFeatureID()),
        above(at),
        // Tribuo reads a feature that is absent as 0.
        0 <= at,
        node(split.getLessThanOrEqual(), value, columns),
        node(split.getGreaterThan(), value, columns),
        0,
        2);
  }

  /**
   * The least float above a threshold: a float is below it just when it is at most the threshold.
   */
  static float above(double threshold) {
    float nearest = (float) threshold;
    return nearest <= threshold ? Math.nextUp(nearest) : nearest;
  }
}

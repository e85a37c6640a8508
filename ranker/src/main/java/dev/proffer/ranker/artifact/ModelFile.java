package dev.proffer.ranker.artifact;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tribuo.Model;
import org.tribuo.common.liblinear.protos.LibLinearModelProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.protos.core.TransformedModelProto;
import org.tribuo.protos.core.WeightedEnsembleModelProto;

/**
 * Reads Tribuo's protobuf. Tribuo keeps a LibLinear model as a Java serialization stream within it,
 * which could name any class: such streams are read through a filter first, which lets LibLinear's
 * classes through and no others.
 */
final class ModelFile {
  private static final ObjectInputFilter LIB_LINEAR =
      ObjectInputFilter.Config.createFilter(
          "maxdepth=8;maxrefs=1000;java.lang.Enum;de.bwaldvogel.liblinear.*;!*");
  private static final int DEEPEST = 8;

  private ModelFile() {}

  static Model<?> read(Path file) throws IOException, ModelRefused {
    ModelProto proto;
    try (InputStream in = Files.newInputStream(file)) {
      proto = ModelProto.parseFrom(in);
    }
    check(proto, 0);
    return Model.deserialize(proto);
  }

  private static void check(ModelProto proto, int depth) throws IOException, ModelRefused {
    if (depth > DEEPEST) {
      throw new ModelRefused("models within models, more than " + DEEPEST + " deep");
    }
    String kind = proto.getClassName();
    if (kind.contains(".liblinear.")) {
      for (ByteString model :
          proto.getSerializedData().unpack(LibLinearModelProto.class).getModelsList()) {
        check(model);
      }
    } else if (proto.getSerializedData().is(WeightedEnsembleModelProto.class)) {
      for (ModelProto member :
          proto.getSerializedData().unpack(WeightedEnsembleModelProto.class).getModelsList()) {
        check(member, depth + 1);
      }
    } else if (proto.getSerializedData().is(TransformedModelProto.class)) {
      check(proto.getSerializedData().unpack(TransformedModelProto.class).getModel(), depth + 1);
    }
  }

  private static void check(ByteString stream) throws IOException, ModelRefused {
    try (ObjectInputStream in = new ObjectInputStream(stream.newInput())) {
      in.setObjectInputFilter(LIB_LINEAR);
      Object read = in.readObject();
      if (!(read instanceof de.bwaldvogel.liblinear.Model)) {
        throw new ModelRefused("a LibLinear model that is none");
      }
    } catch (ClassNotFoundException | java.io.InvalidClassException e) {
      throw new ModelRefused("a LibLinear model that holds something else: " + e.getMessage(), e);
    }
  }
}

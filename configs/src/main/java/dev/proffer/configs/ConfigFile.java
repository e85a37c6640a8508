package dev.proffer.configs;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One YAML file as a tree that remembers its lines. Values are never turned into objects: the tree
 * holds text, and {@link Section} decides what a text means, so no YAML tag can run code.
 */
public final class ConfigFile {
  /** The reader takes seconds for a line of megabytes. */
  private static final long MAX_BYTES = 1 << 20;

  private ConfigFile() {}

  /**
   * The file's top section. A file that is missing, unreadable or not a mapping is a problem, and
   * reads as empty.
   *
   * @param path where it is; also how problems name it
   */
  public static Section read(Path path, Problems problems) {
    String name = path.toString();
    if (!Files.isRegularFile(path)) {
      problems.add(name, 0, "", "no such file");
      return Section.empty(name, problems);
    }
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      if (Files.size(path) > MAX_BYTES) {
        problems.add(name, 0, "", "larger than " + MAX_BYTES + " bytes, no configuration is");
        return Section.empty(name, problems);
      }
      LoaderOptions options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
      options.setMaxAliasesForCollections(20);
      Node root = new Yaml(options).compose(reader);
      if (root == null) {
        return Section.empty(name, problems);
      }
      if (root instanceof MappingNode mapping) {
        return Section.of(name, mapping, problems);
      }
      problems.add(
          name, root.getStartMark().getLine() + 1, "", "expected a mapping of keys to values");
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      problems.add(name, line, "", "not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      // Too large, too deep, not UTF-8, or with characters YAML does not allow: these carry no
      // mark.
      problems.add(name, 0, "", "not YAML: " + e.getMessage());
    } catch (IOException e) {
      problems.add(name, 0, "", "cannot be read: " + e.getMessage());
    }
    return Section.empty(name, problems);
  }

  static Section emptySection(String file, int line, String path, Problems problems) {
    MappingNode nothing =
        new MappingNode(Tag.MAP, List.of(), org.yaml.snakeyaml.DumperOptions.FlowStyle.BLOCK);
    return new Section(file, line, path, nothing, problems);
  }
}

package dev.proffer.ranker.store.s3;

import dev.proffer.features.artifact.VersionDirectory;
import dev.proffer.ranker.store.StoreRefused;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The object that makes a version complete: SHA-256, length and name of each of its files, a line
 * each. It is written last, and what is read is held against it.
 *
 * @param files by name
 */
record FileList(Map<String, Entry> files) {
  /** The object's name, and that of its copy beside the files on this machine. */
  static final String NAME = "complete";

  /** Bytes that all files of one version may have. */
  static final long MAX_BYTES = 1L << 30;

  /** What a file must be. */
  record Entry(String sha256, long length) {}

  FileList {
    files = Map.copyOf(files);
  }

  /** The list of the files in a directory. */
  static FileList of(Path directory) throws IOException {
    Map<String, Entry> files = new TreeMap<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      for (Path file : found) {
        String name = String.valueOf(file.getFileName());
        if (!name.equals(NAME)) {
          try (InputStream in = Files.newInputStream(file)) {
            files.put(name, copy(in, OutputStream.nullOutputStream(), Long.MAX_VALUE));
          }
        }
      }
    }
    return new FileList(files);
  }

  /** Copies at most so many bytes, and says what they were. */
  static Entry copy(InputStream in, OutputStream out, long atMost) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    long length = 0;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      length += read;
      if (length > atMost) {
        throw new IOException("more than the " + atMost + " bytes it is said to have");
      }
      digest.update(buffer, 0, read);
      out.write(buffer, 0, read);
    }
    return new Entry(HexFormat.of().formatHex(digest.digest()), length);
  }

  /**
   * Reads a list.
   *
   * @param of what it is of, for the message
   * @throws StoreRefused when it is none, names what is no file's name, or is of too much
   */
  static FileList parse(byte[] bytes, String of) {
    Map<String, Entry> files = new TreeMap<>();
    long sum = 0;
    for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
      String[] words = line.split(" ", 3);
      if (words.length != 3
          || !words[0].matches("[0-9a-f]{64}")
          || !words[1].matches("[0-9]{1,12}")
          || !VersionDirectory.isName(words[2])
          || words[2].equals(NAME)) {
        throw new StoreRefused(
            of + " has a list of files with \"" + line + "\"; expected digest, length and name");
      }
      files.put(words[2], new Entry(words[0], Long.parseLong(words[1])));
      sum += Long.parseLong(words[1]);
    }
    if (files.isEmpty() || sum > MAX_BYTES) {
      throw new StoreRefused(
          of
              + " has "
              + files.size()
              + " files of "
              + sum
              + " bytes; expected some of at most "
              + MAX_BYTES);
    }
    return new FileList(files);
  }

  byte[] bytes() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(files)
        .forEach(
            (name, entry) ->
                text.append(entry.sha256())
                    .append(' ')
                    .append(entry.length())
                    .append(' ')
                    .append(name)
                    .append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }
}

package dev.proffer.features.tables;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;

/**
 * Records of one length side by side, in as many buffers as it takes: one buffer ends at 2 GiB.
 * Read-only once made; any thread may read.
 */
final class RowBuffers {
  private static final int LARGEST = 1 << 30;

  private final ByteBuffer[] buffers;
  private final int bytes;
  private final int shift;
  private final int mask;

  private RowBuffers(ByteBuffer[] buffers, int bytes, int shift) {
    this.buffers = buffers;
    this.bytes = bytes;
    this.shift = shift;
    this.mask = (1 << shift) - 1;
  }

  /** Records of a file, mapped and read once: what follows meets them in memory. */
  static RowBuffers map(FileChannel file, long offset, int records, int bytes) throws IOException {
    int shift = 31 - Integer.numberOfLeadingZeros(Math.max(1, LARGEST / bytes));
    int each = 1 << shift;
    ByteBuffer[] buffers = new ByteBuffer[(int) (((long) records + each - 1) >> shift)];
    for (int at = 0; at < buffers.length; at++) {
      long from = (long) at << shift;
      long length = Math.min(each, records - from) * bytes;
      MappedByteBuffer mapped = file.map(MapMode.READ_ONLY, offset + from * bytes, length);
      buffers[at] = mapped.load().order(ByteOrder.LITTLE_ENDIAN);
    }
    return new RowBuffers(buffers, bytes, shift);
  }

  /** One record. */
  static RowBuffers of(byte[] record) {
    ByteBuffer[] one = {ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN)};
    return new RowBuffers(one, record.length, 1);
  }

  /** The 32-bit word of a record. */
  int word(int record, int word) {
    return buffers[record >> shift].getInt((record & mask) * bytes + word * Integer.BYTES);
  }

  /** The 64 bits that a record begins with. */
  long first(int record) {
    return buffers[record >> shift].getLong((record & mask) * bytes);
  }

  /** A record's bytes, copied. */
  void copy(int record, byte[] into) {
    buffers[record >> shift].get((record & mask) * bytes, into, 0, bytes);
  }
}

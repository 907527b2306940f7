package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

final class FileErrorsTest {

  @Test
  void reason_everyKind_isInWords() {
    assertThat(FileErrors.reason(new NoSuchFileException("/a"))).contains("no such file");
    assertThat(FileErrors.reason(new AccessDeniedException("/a"))).isEqualTo("permission denied");
    assertThat(FileErrors.reason(new FileAlreadyExistsException("/a")))
        .isEqualTo("a file is where a folder should be");
    assertThat(FileErrors.reason(new FileSystemException("/a", null, "No space left on device")))
        .isEqualTo("No space left on device");
    assertThat(FileErrors.reason(new FileSystemException("/a"))).isEqualTo("input or output error");
    assertThat(FileErrors.reason(new IOException("No space left on device")))
        .isEqualTo("No space left on device");
    assertThat(FileErrors.reason(new IOException())).isEqualTo("input or output error");
    assertThat(FileErrors.reason(new IOException("header", new EOFException())))
        .startsWith("the file ends early");
    assertThat(FileErrors.reason(new ClosedByInterruptException()))
        .isEqualTo("the thread was interrupted");
  }
}

package io.pagoda.tier.gpu;

import io.pagoda.tier.gpu.Calibration.Rate;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A file in which a device's calibration is kept. The first line says of what it is; anything else
 * that stands there makes it one of something else, which is measured again and written over.
 *
 * @param path where it is
 * @param key what it must be of: device, driver, settings
 */
record CalibrationFile(Path path, String key) {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");
  private static final String VERSION = "pagoda-gpu-calibration 3 ";
  private static final String COLUMNS = "# path chunk-bytes in-gb/s out-gb/s both-gb/s";

  /** {@return what it holds, if it is of the same} */
  Optional<Calibration> read() {
    if (Files.notExists(path)) {
      return Optional.empty();
    }
    try {
      return parsed(Files.readAllLines(path));
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(Level.WARNING, "The calibration in {0} is of no use: {1}", path, e.toString());
      return Optional.empty();
    }
  }

  private Optional<Calibration> parsed(List<String> lines) {
    if (lines.isEmpty() || !lines.getFirst().equals(VERSION + key)) {
      return Optional.empty();
    }
    List<Rate> rates = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      if (!line.isBlank() && !line.startsWith("#")) {
        rates.add(rate(line));
      }
    }
    return Optional.of(new Calibration(rates));
  }

  private static Rate rate(String line) {
    String[] words = line.strip().split("\\s+", -1);
    if (words.length != 5) {
      throw new IllegalArgumentException("'%s' is not a path and four numbers".formatted(line));
    }
    CopyPath way = CopyPath.valueOf(words[0].toUpperCase(Locale.ROOT).replace('-', '_'));
    return new Rate(
        way, Long.parseLong(words[1]), number(words[2]), number(words[3]), number(words[4]));
  }

  private static double number(String text) {
    double number = Double.parseDouble(text);
    if (!(number > 0 && number < 1e6)) {
      throw new IllegalArgumentException("'%s' is no rate of this world".formatted(text));
    }
    return number;
  }

  /** Writes it anew; without it the next start measures again, so a failure is only told. */
  void write(Calibration calibration) {
    try {
      Path directory = path.toAbsolutePath().getParent();
      if (directory == null) {
        throw new IOException(path + " is no file");
      }
      Files.createDirectories(directory);
      Path fresh = Files.createTempFile(directory, path.getFileName() + ".", ".new");
      Files.writeString(fresh, text(calibration));
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "The calibration cannot be kept in {0}: {1}", path, e.toString());
    }
  }

  private String text(Calibration calibration) {
    StringBuilder text = new StringBuilder();
    text.append(VERSION).append(key).append('\n').append(COLUMNS).append('\n');
    for (Rate rate : calibration.rates()) {
      text.append(
          String.format(
              Locale.ROOT, "%s %d %.2f %.2f %.2f%n", rate.path().word(), rate.chunk(), rate.in(),
              rate.out(), rate.both()));
    }
    return text.toString();
  }
}

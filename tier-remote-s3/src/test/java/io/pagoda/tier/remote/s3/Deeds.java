package io.pagoda.tier.remote.s3;

import io.pagoda.tier.remote.s3.Server.Answer;
import io.pagoda.tier.remote.s3.Server.Asked;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * What requests do to objects.
 *
 * @param objects the objects, by bucket and name
 * @param parts what was written of objects in parts
 */
record Deeds(
    NavigableMap<String, byte[]> objects, Map<String, NavigableMap<Integer, byte[]>> parts) {
  private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");

  Answer of(Asked asked) {
    return switch (asked.method()) {
      case "GET" -> asked.query().containsKey("list-type") ? list(asked) : get(asked);
      case "HEAD" -> get(asked);
      case "PUT" -> asked.query().containsKey("partNumber") ? part(asked) : put(asked);
      case "POST" -> post(asked);
      case "DELETE" -> {
        synchronized (parts) {
          parts.remove(asked.query().getOrDefault("uploadId", ""));
        }
        yield plain(204, "");
      }
      default -> Server.error(501, "NotImplemented");
    };
  }

  private static Answer plain(int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Answer(status, Map.of("Content-Type", "application/xml"), bytes, bytes.length);
  }

  private Answer get(Asked asked) {
    byte[] object = objects.get(asked.path());
    if (object == null) {
      return Server.error(404, "NoSuchKey");
    }
    String tag = tag(object);
    String match = asked.headers().get("If-Match");
    if (match != null && !match.equals(tag)) {
      return Server.error(412, "PreconditionFailed");
    }
    String range = asked.headers().get("Range");
    if (range == null) {
      return new Answer(200, Map.of("ETag", tag), object, object.length);
    }
    String[] ends = range.substring("bytes=".length()).split("-", 2);
    int from = Integer.parseInt(ends[0]);
    int to = (int) Math.min(object.length, Long.parseLong(ends[1]) + 1);
    byte[] part = Arrays.copyOfRange(object, from, to);
    String content = "bytes %d-%d/%d".formatted(from, to - 1, object.length);
    return new Answer(206, Map.of("ETag", tag, "Content-Range", content), part, part.length);
  }

  private Answer put(Asked asked) {
    boolean ifAbsent = "*".equals(asked.headers().get("If-None-Match"));
    if (!ifAbsent) {
      objects.put(asked.path(), asked.body());
    } else if (objects.putIfAbsent(asked.path(), asked.body()) != null) {
      return Server.error(412, "PreconditionFailed");
    }
    return new Answer(200, Map.of("ETag", tag(asked.body())), new byte[0], 0);
  }

  private static String word(Asked asked, String name) {
    return Objects.requireNonNull(asked.query().get(name), name);
  }

  private Answer part(Asked asked) {
    synchronized (parts) {
      Objects.requireNonNull(parts.get(word(asked, "uploadId")))
          .put(Integer.parseInt(word(asked, "partNumber")), asked.body());
    }
    return new Answer(200, Map.of("ETag", tag(asked.body())), new byte[0], 0);
  }

  private Answer post(Asked asked) {
    if (asked.query().containsKey("delete")) {
      var names = KEY.matcher(new String(asked.body(), StandardCharsets.UTF_8));
      while (names.find()) {
        objects.remove(asked.path().replaceAll("/$", "") + "/" + names.group(1));
      }
      return plain(200, "<DeleteResult/>");
    }
    synchronized (parts) {
      if (asked.query().containsKey("uploads")) {
        String number = "upload" + UUID.randomUUID();
        parts.put(number, new ConcurrentSkipListMap<>());
        return plain(
            200,
            "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>"
                .formatted(number));
      }
      var whole = new ByteArrayOutputStream();
      Objects.requireNonNull(parts.remove(word(asked, "uploadId")))
          .values()
          .forEach(whole::writeBytes);
      objects.put(asked.path(), whole.toByteArray());
      return plain(
          200, "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>");
    }
  }

  private Answer list(Asked asked) {
    String bucket = asked.path().replaceAll("/$", "") + "/";
    if (!bucket.equals("/blocks/")) {
      return Server.error(404, "NoSuchBucket");
    }
    String prefix = asked.query().getOrDefault("prefix", "");
    String after = asked.query().getOrDefault("start-after", "");
    int most = Integer.parseInt(asked.query().getOrDefault("max-keys", "1000"));
    Map<String, byte[]> page = new HashMap<>();
    var text = new StringBuilder();
    boolean more = false;
    for (var each : objects.entrySet()) {
      String name = each.getKey().substring(Math.min(each.getKey().length(), bucket.length()));
      if (!name.startsWith(prefix) || name.compareTo(after) <= 0) {
        continue;
      }
      if (page.size() == most) {
        more = true;
        break;
      }
      page.put(name, each.getValue());
      text.append(
          ("<Contents><Key>%s</Key><Size>%d</Size>"
              + "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>")
              .formatted(name, each.getValue().length));
    }
    return plain(
        200, "<ListBucketResult><IsTruncated>%s</IsTruncated>%s</ListBucketResult>"
            .formatted(more, text));
  }

  private static String tag(byte[] object) {
    var crc = new CRC32C();
    crc.update(object);
    return "\"%08x\"".formatted(crc.getValue());
  }
}

package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A bucket in memory. Objects are kept in the map that it is given, which several may share. */
class MemoryBucket implements Bucket {
  final NavigableMap<String, byte[]> objects;
  final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();
  private final Map<String, NavigableMap<Integer, byte[]>> parts = new HashMap<>();

  MemoryBucket() {
    this(new ConcurrentSkipListMap<>());
  }

  MemoryBucket(NavigableMap<String, byte[]> objects) {
    this.objects = objects;
  }

  private <T> CompletionStage<T> answer(Supplier<T> request) {
    requests.incrementAndGet();
    return CompletableFuture.supplyAsync(request, Rig::start);
  }

  private byte[] object(String name) {
    byte[] object = objects.get(name);
    if (object == null) {
      throw new ObjectFailure(Kind.MISSING, "There is no " + name, null);
    }
    return object;
  }

  @Override
  public CompletionStage<Void> check(Try one) {
    return answer(() -> null);
  }

  @Override
  public CompletionStage<Void> get(String name, Download into) {
    return answer(() -> {
      byte[] object = object(name);
      int from = Math.toIntExact(into.from());
      if (into.begin(from, object.length, "\"" + object.length + "\"")) {
        into.write(object, from, Math.toIntExact(into.remaining()));
        return null;
      }
      throw new ObjectFailure(Kind.TRANSIENT, "not wanted", null);
    });
  }

  @Override
  public CompletionStage<Void> put(String name, Upload from) {
    return answer(() -> {
      byte[] bytes = bytes(from);
      if (!from.ifAbsent()) {
        objects.put(name, bytes);
      } else if (objects.putIfAbsent(name, bytes) != null) {
        throw new ObjectFailure(Kind.PRECONDITION, "There is a " + name, null);
      }
      return null;
    });
  }

  private static byte[] bytes(Upload from) {
    byte[] bytes = new byte[Math.toIntExact(from.length())];
    try {
      for (int at = 0; at < bytes.length;) {
        at += from.read(bytes, at, bytes.length - at);
      }
    } catch (IOException e) {
      throw new ObjectFailure(Kind.TRANSIENT, "given up", e);
    }
    return bytes;
  }

  @Override
  public CompletionStage<OptionalLong> size(String name, Try one) {
    return answer(() -> {
      byte[] object = objects.get(name);
      return object == null ? OptionalLong.empty() : OptionalLong.of(object.length);
    });
  }

  @Override
  public CompletionStage<Page> list(String prefix, String after, int most, Try one) {
    return answer(() -> {
      var from = objects.tailMap(after.compareTo(prefix) < 0 ? prefix : after, after.isEmpty());
      List<Listed> page = new ArrayList<>();
      for (var each : from.entrySet()) {
        if (!each.getKey().startsWith(prefix) || page.size() > most) {
          break;
        }
        if (!each.getKey().equals(after)) {
          page.add(new Listed(each.getKey(), each.getValue().length, 0));
        }
      }
      boolean more = page.size() > most;
      return new Page(more ? page.subList(0, most) : page, more);
    });
  }

  @Override
  public CompletionStage<Void> delete(List<String> names, Try one) {
    return answer(() -> {
      names.forEach(objects::remove);
      return null;
    });
  }

  @Override
  public CompletionStage<String> beginParts(String name, Try one) {
    return answer(() -> {
      synchronized (parts) {
        String number = name + "#" + begun.incrementAndGet();
        parts.put(number, new ConcurrentSkipListMap<>());
        return number;
      }
    });
  }

  @Override
  public CompletionStage<String> putPart(String name, String upload, int number, Upload from) {
    return answer(() -> {
      synchronized (parts) {
        Objects.requireNonNull(parts.get(upload)).put(number, bytes(from));
      }
      return "tag" + number;
    });
  }

  @Override
  public CompletionStage<Void> endParts(
      String name, String upload, List<String> tags, boolean ifAbsent, Try one) {
    return answer(() -> {
      var whole = new ByteArrayOutputStream();
      synchronized (parts) {
        Objects.requireNonNull(parts.remove(upload)).values().forEach(whole::writeBytes);
      }
      if (ifAbsent && objects.containsKey(name)) {
        throw new ObjectFailure(Kind.PRECONDITION, "There is a " + name, null);
      }
      objects.put(name, whole.toByteArray());
      return null;
    });
  }

  @Override
  public CompletionStage<Void> dropParts(String name, String upload, Try one) {
    return answer(() -> {
      synchronized (parts) {
        parts.remove(upload);
      }
      return null;
    });
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "a bucket in memory";
  }
}

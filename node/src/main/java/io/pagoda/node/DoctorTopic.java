package io.pagoda.node;

import io.pagoda.spi.Provider;
import io.pagoda.spi.device.DeviceProvider;
import io.pagoda.spi.transport.TransportProvider;
import java.util.List;

/**
 * What the doctor may be asked about: one kind of part, whose providers look at this machine. One
 * more topic is one more entry.
 *
 * @param word what people call it
 * @param section below {@code pagoda} what the parts of a type have in common
 * @param contract what its providers implement
 */
record DoctorTopic(String word, String section, Class<? extends Provider> contract) {
  /** All that there are. */
  static final List<DoctorTopic> ALL = List.of(
      new DoctorTopic("gpu", "device", DeviceProvider.class),
      new DoctorTopic("transport", "transport", TransportProvider.class));

  /** {@return what people call them} */
  static List<String> words() {
    return ALL.stream().map(DoctorTopic::word).toList();
  }
}

package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import java.nio.file.Path;
import java.util.Optional;

/** Opens stores on the plugins of this process. */
final class ConfiguredStores implements StoreOpener {
  @Override
  public OpenStore open(Optional<Path> file, Overrides overrides, StageTimes times) {
    PagodaConfig config = PagodaConfig.load(file, overrides);
    Plugins plugins = Plugins.in(config.plugins());
    try {
      return opened(Deployment.open(config, plugins, times), plugins);
    } catch (RuntimeException | Error e) {
      plugins.close();
      throw e;
    }
  }

  private static OpenStore opened(Deployment deployment, Plugins plugins) {
    return new OpenStore(
        deployment.store(), new ByteSize(deployment.graph().blockBytes()),
        deployment.model().tokensPerBlock(), () -> close(deployment, plugins));
  }

  private static void close(Deployment deployment, Plugins plugins) {
    try (plugins) {
      deployment.close();
    }
  }
}

package io.pagoda.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** Which package may see which. */
class PackageBordersTest {
  private static final String CORE = "io.pagoda.core";
  private static final JavaClasses ALL =
      new ClassFileImporter().importPaths(SourceTree.classes().values());

  /** The engine's stages, then its door: each sees those before it, never one after it. */
  @Test
  void stagesSeeTheStagesBeforeThem() {
    var stages = List
        .of(".graph..", ".observe..", ".index..", ".space..", ".revive..", ".plan..", ".run..", "");
    for (int i = 0; i < stages.size() - 1; i++) {
      String[] later =
          stages.subList(i + 1, stages.size()).stream().map(CORE::concat).toArray(String[]::new);
      noClasses().that()
          .resideInAPackage(CORE + stages.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later)
          .check(ALL);
    }
  }

  @Test
  void coreHasNoCycles() {
    slices().matching(CORE + ".(*)..").should().beFreeOfCycles().check(ALL);
  }

  /** A plan is a value: no clock, no thread, no memory, no file, no tier. */
  @Test
  void plansArePure() {
    noClasses().that()
        .resideInAPackage(CORE + ".plan..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.time..", "java.util.concurrent..", "java.lang.foreign..", "java.nio..",
            "java.io..", "io.pagoda.spi..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Executor.class)
        .check(ALL);
  }

  @Test
  void onePackageReadsHocon() {
    noClasses().that()
        .resideOutsideOfPackage(CORE + ".config..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.typesafe.config..")
        .check(ALL);
  }

  @Test
  void nativeCodeIsEnteredByNativeClasses() {
    noClasses().that()
        .haveNameNotMatching(".*Native(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.Linker")
        .check(ALL);
  }
}

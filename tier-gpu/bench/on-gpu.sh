#!/bin/bash
# Takes Pagoda to a machine that has a GPU, and neither a network nor Java nor this source tree.
#
#   on-gpu.sh pack DIR              here: builds, and packs all that is needed into DIR (about 40 MB);
#                                   with BUILT=1 in the environment what `mvn package` built before
#   DIR/on-gpu.sh run OUT [WHAT…]   there: unpacks to a temporary directory, and runs
#       machine   what machine it is                          OUT/machine.txt
#       doctor    pagoda doctor gpu                           OUT/doctor.txt
#       tests     the tests of tier-gpu and engine-on-gpu      OUT/tests.txt, OUT/test-reports.tgz
#       bench     pagoda bench tier --tier gpu                OUT/bench.txt, OUT/bench.json
#       beside    products of cuBLAS beside copies            OUT/beside.txt, a JSON object a line
#     All of them, if none is named. BENCH_OPTIONS holds further options of the benchmark, and
#     TEST_OPTIONS of JUnit's console, such as `-n .*StagingTest` for some tests only.
#   DIR/on-gpu.sh exec COMMAND…     there: runs a command with `pagoda` and `java` on its path, $TESTS
#                                   as the class path of the tests and $BENCH as this directory
# It ends with what failed; what does not fail runs nevertheless.
set -u
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)

# What Pagoda and JUnit's console need of a JDK.
modules=java.base,java.logging,java.management,java.xml,jdk.unsupported,jdk.jfr,jdk.management
junit=6.1.3

fail() {
  echo "on-gpu.sh: $*" >&2
  exit 1
}

pack() {
  local root to=$1 jdk
  root=$(dirname "$(dirname "$here")")
  jdk=$("$root/dev/find-jdk") || exit 69
  mkdir -p "$to" && to=$(cd "$to" && pwd) || fail "cannot create $to"
  work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

  [ -n "${BUILT:-}" ] || (cd "$root" && JAVA_HOME=$jdk mvn -B -ntp ${MAVEN_OPTIONS:-} package -DskipTests -Dspotless.check.skip \
    -Dcheckstyle.skip) >"$work/build.log" 2>&1 ||
    { tail -n 40 "$work/build.log" >&2; fail "the build failed"; }

  [ -s "$to/runtime.tgz" ] && [ "$(cat "$to/runtime.txt" 2>/dev/null)" = "$jdk $modules" ] || {
    "$jdk/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
      --compress zip-9 --output "$work/runtime" || fail "jlink failed"
    tar -C "$work" -czf "$to/runtime.tgz" runtime && echo "$jdk $modules" >"$to/runtime.txt"
  }

  mkdir -p "$work/tests/lib"
  cp -r "$root/tier-gpu/target/test-classes" "$root/tier-gpu/target/native" "$work/tests/"
  cp -r "$root/engine-on-gpu/target/test-classes/." "$work/tests/test-classes/"
  cp "$root"/tier-gpu/target/pagoda-tier-gpu-*.jar "$root"/tck/target/pagoda-tck-*.jar \
    "$root"/api/target/pagoda-api-*.jar "$root"/target/pagoda/plugins/tier-gpu/jcuda-*.jar \
    "$work/tests/lib/"
  [ -f "$to/junit.jar" ] || (cd "$work" && JAVA_HOME=$jdk mvn -B -ntp -q dependency:copy \
    -Dartifact="org.junit.platform:junit-platform-console-standalone:$junit" \
    -Dmdep.stripVersion=true -DoutputDirectory="$to" >&2) || fail "JUnit's console did not come"
  [ -f "$to/junit.jar" ] || mv "$to/junit-platform-console-standalone.jar" "$to/junit.jar"
  tar -C "$work" -czf "$to/tests.tgz" tests
  # Where there is no network there is no object storage.
  tar -C "$root/target" --exclude='pagoda/plugins/tier-remote-*' -czf "$to/pagoda.tgz" pagoda
  cp "$here"/* "$to/"
  git -C "$root" log -1 --format='%H %s' >"$to/commit.txt" 2>/dev/null
  git -C "$root" diff --quiet HEAD 2>/dev/null || echo "with changes" >>"$to/commit.txt"
  du -sh "$to"
}

# Leaves $home, $TESTS, $BENCH and a path with `java` and `pagoda`.
unpack() {
  home=$(mktemp -d) && trap 'rm -rf "$home"' EXIT
  for archive in runtime pagoda tests; do
    tar -C "$home" -xzf "$here/$archive.tgz" || fail "$here/$archive.tgz does not unpack"
  done
  BENCH=$here
  TESTS="$home/tests/test-classes$(printf ':%s' "$home"/tests/lib/*.jar "$home"/pagoda/lib/host/*.jar \
    "$home"/pagoda/plugins/transport-tcp/*.jar)"
  PATH=$home/pagoda/bin:$home/runtime/bin:$PATH
  PAGODA_JAVA_HOME=$home/runtime
  export BENCH TESTS PATH PAGODA_JAVA_HOME
}

machine() {
  date -u '+%Y-%m-%dT%H:%M:%SZ'
  cat "$here/commit.txt"
  nvidia-smi --query-gpu=name,uuid,driver_version,pci.bus_id,memory.total,pcie.link.gen.current,pcie.link.width.current \
    --format=csv
  uname -srm
  grep -m1 'model name' /proc/cpuinfo
  echo "cores $(nproc), locked memory $(ulimit -l) KiB," \
    "transparent huge pages $(cat /sys/kernel/mm/transparent_hugepage/enabled 2>&1)"
  java -version 2>&1
}

tests() {
  # shellcheck disable=SC2086 # the options are words
  java -XX:+UseTransparentHugePages --enable-native-access=ALL-UNNAMED \
    -Djava.library.path="$home/tests/native/lib" ${TEST_JVM:-} -cp "$here/junit.jar:$TESTS" \
    org.junit.platform.console.ConsoleLauncher execute \
    --scan-class-path "$home/tests/test-classes" --disable-banner \
    --disable-ansi-colors --details=summary --reports-dir "$home/reports" ${TEST_OPTIONS:-}
  local code=$?
  tar -C "$home" -czf "$out/test-reports.tgz" reports
  return $code
}

beside_run() {
  java -XX:+UseTransparentHugePages --enable-native-access=ALL-UNNAMED \
    -Djava.library.path="$home/tests/native/lib" -cp "$TESTS" io.pagoda.tier.gpu.Beside "$@"
}

# By the same process, and by another, whose kernels take turns with the products.
beside() {
  local cublas
  cublas=$(find / -xdev -name 'libcublas.so.1*' 2>/dev/null | sort | tail -n 1)
  [ -n "$cublas" ] || { echo "no libcublas on this machine" >&2; return 1; }
  beside_run all "$cublas" "${BESIDE_SECONDS:-2}" || return
  echo '# two processes: products alone, then beside copies of another process'
  beside_run products "$cublas" 3 || return
  local path copies
  for path in "staged 4" "staged 16" "staged 64" "kernel 4" "copy-engine 4"; do
    # shellcheck disable=SC2086 # the path and the number are two words
    beside_run copies $path both $([ "$path" = "copy-engine 4" ] && echo 1048576 || echo 16384) 10 &
    copies=$!
    beside_run products "$cublas" 5
    wait "$copies" || return
  done
}

# Runs one thing, shows what it says, and keeps it in OUT/NAME.txt.
step() {
  local name=$1
  shift
  echo "== $name"
  "$@" 2>&1 | tee "$out/$name.txt"
  local code=${PIPESTATUS[0]}
  [ "$code" -eq 0 ] || failed="$failed $name($code)"
}

run() {
  out=$1
  shift
  mkdir -p "$out" && out=$(cd "$out" && pwd) || fail "cannot create $out"
  [ $# -gt 0 ] || set -- machine doctor tests bench beside
  failed=
  unpack
  for what in "$@"; do
    # shellcheck disable=SC2086 # the options are words
    case $what in
    machine) step machine machine ;;
    doctor) step doctor pagoda doctor gpu ;;
    tests) step tests tests ;;
    bench) step bench pagoda bench tier --tier gpu --json="$out/bench.json" ${BENCH_OPTIONS:-} ;;
    beside) step beside beside ;;
    *) fail "there is no $what to run" ;;
    esac
  done
  [ -z "$failed" ] || fail "failed, with their exit codes:$failed"
}

case ${1:-} in
pack) [ $# -eq 2 ] || fail "pack DIR"; pack "$2" ;;
run) [ $# -ge 2 ] || fail "run OUT [WHAT…]"; shift; run "$@" ;;
exec) shift; unpack; "$@" ;;
*) sed -n '2,/^set -u/{/^set -u/d;s/^# \{0,1\}//;p}' "$0"; exit 2 ;;
esac

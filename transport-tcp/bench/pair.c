/*
 * A yardstick for TCP transports: two processes, one connection over loopback, plain send and recv.
 *
 *   pair SIZE COUNT BATCHES
 *
 * One side sends COUNT blocks of SIZE bytes, each from a place of its own; the other receives each
 * to a place of its own, and answers the last with one byte. That is a batch. Prints for every
 * batch, after one that does not count, the nanoseconds from the first send to the answer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static char *memory(size_t bytes, int fill) {
  char *all = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) fail("mmap");
  madvise(all, bytes, MADV_HUGEPAGE);
  memset(all, fill, bytes);
  return all;
}

static void receive_all(int fd, char *to, size_t bytes) {
  while (bytes > 0) {
    ssize_t n = recv(fd, to, bytes, 0);
    if (n == 0) exit(1);
    if (n < 0 && errno != EINTR) fail("recv");
    if (n > 0) {
      to += n;
      bytes -= n;
    }
  }
}

static void send_all(int fd, const char *from, size_t bytes) {
  while (bytes > 0) {
    ssize_t n = send(fd, from, bytes, 0);
    if (n < 0 && errno != EINTR) fail("send");
    if (n > 0) {
      from += n;
      bytes -= n;
    }
  }
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s SIZE COUNT BATCHES\n", argv[0]);
    return 2;
  }
  size_t size = strtoull(argv[1], NULL, 10);
  size_t count = strtoull(argv[2], NULL, 10);
  int batches = atoi(argv[3]) + 1;
  int one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 ||
      listen(listener, 1) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0)
    fail("listen");
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) fail("accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    char *target = memory(size * count, 0);
    for (int b = 0; b < batches; b++) {
      for (size_t i = 0; i < count; i++) receive_all(fd, target + i * size, size);
      send_all(fd, "x", 1);
    }
    return 0;
  }
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  char *source = memory(size * count, 7);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, length) != 0) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  for (int b = 0; b < batches; b++) {
    char answer;
    long long began = now();
    for (size_t i = 0; i < count; i++) send_all(fd, source + i * size, size);
    receive_all(fd, &answer, 1);
    if (b > 0) printf("%lld\n", now() - began);
  }
  close(fd);
  int status;
  waitpid(child, &status, 0);
  return status == 0 ? 0 : 1;
}

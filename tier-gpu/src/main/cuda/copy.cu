// nvcc -ptx -arch=compute_80 copy.cu, and `.version` lowered to 7.0, makes copy.ptx.
//
// Copies blocks between device memory, where each is many scattered chunks, and host memory, where
// each is in one piece. The host memory is pinned, and the kernel reads and writes it directly.
//
// A table cuts a block into pieces; it is the same for all blocks, and stays on the device. What
// differs from block to block is passed as the kernel's argument, so that no warp waits for memory
// to learn where to copy.

typedef unsigned long long u64;

// A piece of every block.
struct Piece {
  u64 device;  // where the piece of block 0 is in device memory
  u64 stride;  // from the piece of a block to that of the next, in bytes
  u64 host;    // where the piece is in a block in host memory, in bytes
  u64 bytes;
};

// The driver copies the whole argument with every launch: a shorter one is launched sooner.

// Blocks anywhere in host memory.
template <unsigned BLOCKS>
struct Scattered {
  const Piece* pieces;
  unsigned pieceCount;
  unsigned blockCount;
  unsigned toDevice;
  unsigned reserved;
  u64 host[BLOCKS];         // where each block starts in host memory
  unsigned device[BLOCKS];  // its number in device memory

  __device__ __forceinline__ u64 start(unsigned block) const { return host[block]; }
};

// Blocks at equal distances, as in a stage.
template <unsigned BLOCKS>
struct Spaced {
  const Piece* pieces;
  unsigned pieceCount;
  unsigned blockCount;
  unsigned toDevice;
  unsigned reserved;
  u64 first;                // where the first block starts in host memory
  u64 distance;             // from there to the next
  unsigned device[BLOCKS];  // the number of each in device memory

  __device__ __forceinline__ u64 start(unsigned block) const { return first + distance * block; }
};

template <typename Word>
__device__ __forceinline__ void copyWords(
    const char* from, char* to, unsigned bytes, unsigned lane) {
  const Word* in = reinterpret_cast<const Word*>(from);
  Word* out = reinterpret_cast<Word*>(to);
  unsigned words = bytes / sizeof(Word);
  unsigned i = lane;
  for (; i + 96 < words; i += 128) {
    Word a = __ldcs(in + i);
    Word b = __ldcs(in + i + 32);
    Word c = __ldcs(in + i + 64);
    Word d = __ldcs(in + i + 96);
    __stcs(out + i, a);
    __stcs(out + i + 32, b);
    __stcs(out + i + 64, c);
    __stcs(out + i + 96, d);
  }
  for (; i < words; i += 32) {
    __stcs(out + i, __ldcs(in + i));
  }
}

// A warp takes a piece at a time, and has four loads of each of its lanes in flight.
template <typename Batch>
__device__ __forceinline__ void copyBlocks(const Batch& batch) {
  unsigned lane = threadIdx.x & 31;
  unsigned warps = gridDim.x * (blockDim.x >> 5);
  unsigned all = batch.blockCount * batch.pieceCount;
  for (unsigned i = (threadIdx.x >> 5) * gridDim.x + blockIdx.x; i < all; i += warps) {
    unsigned block = i / batch.pieceCount;
    const uint4* row = reinterpret_cast<const uint4*>(batch.pieces + (i - block * batch.pieceCount));
    uint4 one = __ldg(row);
    uint4 two = __ldg(row + 1);
    u64 base = (u64) one.y << 32 | one.x;
    u64 stride = (u64) one.w << 32 | one.z;
    u64 offset = (u64) two.y << 32 | two.x;
    unsigned bytes = two.z;
    char* device = reinterpret_cast<char*>(base + stride * batch.device[block]);
    char* host = reinterpret_cast<char*>(batch.start(block) + offset);
    const char* from = batch.toDevice ? host : device;
    char* to = batch.toDevice ? device : host;
    unsigned odd = ((unsigned) (u64) from | (unsigned) (u64) to | bytes) & 15;
    if (odd == 0) {
      copyWords<uint4>(from, to, bytes, lane);
    } else if ((odd & 7) == 0) {
      copyWords<u64>(from, to, bytes, lane);
    } else if ((odd & 3) == 0) {
      copyWords<unsigned>(from, to, bytes, lane);
    } else {
      copyWords<unsigned char>(from, to, bytes, lane);
    }
  }
}

extern "C" __global__ void __launch_bounds__(1024)
    pagoda_copy(const __grid_constant__ Scattered<224> batch) {
  copyBlocks(batch);
}

extern "C" __global__ void __launch_bounds__(1024)
    pagoda_copy_spaced(const __grid_constant__ Spaced<224> batch) {
  copyBlocks(batch);
}

extern "C" __global__ void __launch_bounds__(1024)
    pagoda_copy_few(const __grid_constant__ Spaced<48> batch) {
  copyBlocks(batch);
}

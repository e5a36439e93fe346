package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jcuda.driver.CUresult;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of the driver's errors end a context. */
class CudaTest {
  @ParameterizedTest
  @ValueSource(ints = {CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
    CUresult.CUDA_ERROR_ASSERT, CUresult.CUDA_ERROR_LAUNCH_FAILED,
    CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE, CUresult.CUDA_ERROR_MPS_CLIENT_TERMINATED,
    CUresult.CUDA_ERROR_ECC_UNCORRECTABLE})
  void afterSomeNothingWorks(int result) {
    assertTrue(Cuda.sticky(result));
  }

  @ParameterizedTest
  @ValueSource(ints = {CUresult.CUDA_ERROR_OUT_OF_MEMORY, CUresult.CUDA_ERROR_INVALID_VALUE,
    CUresult.CUDA_ERROR_INVALID_HANDLE, CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES})
  void othersAreOneCallsOwn(int result) {
    assertFalse(Cuda.sticky(result));
  }
}

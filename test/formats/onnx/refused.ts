/**
 * The cases of ONNX's own tests that are not read: the operator that stands against it, and why, in the words of the import.
 * They are about the pictures of a batch as a whole, which no layer of a ConvNet looks at (but batchnorm while it trains), or
 * about operations that belong to losses.
 */
export const refused: Readonly<Record<string, readonly [operator: string, why: string]>> = {
  test_PoissonNLLLLoss_no_reduce: ['Exp', 'there is no such layer in the language'],
  test_batchnorm_epsilon_training_mode: [
    'BatchNormalization',
    'it is in training mode: its statistics are those of the batch',
  ],
  test_concat_1d_axis_0: ['Concat', 'it joins the pictures of batches'],
  test_concat_1d_axis_negative_1: ['Concat', 'it joins the pictures of batches'],
  test_concat_2d_axis_0: ['Concat', 'it joins the pictures of batches'],
  test_flatten_axis2: ['Flatten', 'it flattens the pictures of a batch into one another'],
  test_flatten_axis3: ['Flatten', 'it flattens the pictures of a batch into one another'],
  test_flatten_negative_axis1: ['Flatten', 'it flattens the pictures of a batch into one another'],
  test_gemm_all_attributes: ['Gemm', 'transA exchanges pictures and their features'],
  test_gemm_default_matrix_bias: ['Gemm', 'its bias differs from picture to picture'],
  test_gemm_transposeA: ['Gemm', 'transA exchanges pictures and their features'],
  test_matmul_3d: ['MatMul', 'its matrix differs from picture to picture'],
  test_mvn_expanded: ['ReduceMean', 'it takes the pictures of a batch together'],
  test_operator_params: ['Add', 'its constant differs from picture to picture'],
  test_prelu_example: ['PRelu', 'its constant differs from picture to picture'],
  test_reshape_negative_extended_dims: ['Reshape', '[-1, 2, 3, 4] mixes the pictures of a batch'],
};

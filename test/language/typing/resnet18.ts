/** What somebody may press for each hundred characters. */
export const MOST_PERCENT = 60;

/** Torchvision's ResNet-18, in one file. */
export const resnet18 = `block BasicBlock(filters, stride = 1) {
  add {
    branch {
      conv filters 3x3 stride stride pad 1 bias false; batchnorm; relu
      conv filters 3x3 pad 1 bias false; batchnorm
    }
    branch {
      if stride != 1 { conv filters 1x1 stride stride bias false; batchnorm }
    }
  }
  relu
}

network ResNet18 like pytorch {
  input 224x224x3
  conv 64 7x7 stride 2 pad 3 bias false; batchnorm; relu
  maxpool 3x3 stride 2 pad 1
  BasicBlock(64); BasicBlock(64)
  BasicBlock(128, stride = 2); BasicBlock(128)
  BasicBlock(256, stride = 2); BasicBlock(256)
  BasicBlock(512, stride = 2); BasicBlock(512)
  globalavgpool
  fc 1000
  softmax
}`;

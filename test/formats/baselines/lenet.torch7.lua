-- LeNet in Torch7.
require 'nn'

local model = nn.Sequential()
model:add(nn.SpatialConvolution(3, 6, 5, 5, 1, 1, 0, 0)) -- 6 x 28 x 28
model:add(nn.ReLU()) -- 6 x 28 x 28
model:add(nn.SpatialMaxPooling(2, 2, 2, 2, 0, 0)) -- 6 x 14 x 14
model:add(nn.SpatialConvolution(6, 16, 5, 5, 1, 1, 0, 0)) -- 16 x 10 x 10
model:add(nn.ReLU()) -- 16 x 10 x 10
model:add(nn.SpatialMaxPooling(2, 2, 2, 2, 0, 0)) -- 16 x 5 x 5
model:add(nn.View(400):setNumInputDims(3)) -- 120
model:add(nn.Linear(400, 120)) -- 120
model:add(nn.ReLU()) -- 120
model:add(nn.Linear(120, 84)) -- 84
model:add(nn.ReLU()) -- 84
model:add(nn.Linear(84, 10)) -- 10
model:add(nn.SoftMax()) -- 10

return model

-- A stand-in of Torch7's nn: modules that compute sizes by the rules of its documentation and of THNN.
-- Arguments: a file, channels, height, width, again and again. Prints CxHxW a line.
nn = {}
package.loaded['nn'] = nn

local methods = {}
methods.__index = methods
function methods:add(module) table.insert(self.modules, module); return self end
function methods:noBias() return self end
function methods:ceil() self.rounds = math.ceil; return self end
function methods:setCountExcludePad() return self end
function methods:setNumInputDims() return self end

local function define(name, size)
  nn[name] = function(...)
    return setmetatable({ name = name, args = { ... }, modules = {}, rounds = math.floor, size = size }, methods)
  end
end

local function volume(x, name)
  assert(#x == 3, name .. ' takes a volume, not ' .. table.concat(x, 'x'))
  return x[1], x[2], x[3]
end

local function same(self, x) return x end
for _, name in ipairs({ 'ReLU', 'ReLU6', 'LeakyReLU', 'ELU', 'Sigmoid', 'Tanh', 'SoftMax', 'LogSoftMax', 'SoftPlus', 'Dropout',
  'Identity', 'PReLU', 'Contiguous', 'MulConstant', 'AddConstant', 'HardTanh', 'SpatialSoftMax', 'SpatialLogSoftMax' }) do
  define(name, same)
end
define('SpatialCrossMapLRN', function(self, x) volume(x, self.name); return x end)
define('SpatialBatchNormalization', function(self, x) assert(volume(x, self.name) == self.args[1]); return x end)
define('BatchNormalization', function(self, x) assert(#x == 1 and x[1] == self.args[1]); return x end)
define('Sequential', function(self, x)
  for _, module in ipairs(self.modules) do x = module:size(x) end
  return x
end)
define('ConcatTable', function(self, x)
  local all = { isTable = true }
  for _, module in ipairs(self.modules) do table.insert(all, module:size(x)) end
  return all
end)
local function alike(self, all)
  assert(all.isTable, self.name .. ' takes a table')
  for _, x in ipairs(all) do assert(table.concat(x, 'x') == table.concat(all[1], 'x'), self.name .. ': sizes differ') end
  return all[1]
end
define('CAddTable', alike)
define('CMulTable', alike)
define('CMaxTable', alike)
define('JoinTable', function(self, all)
  assert(self.args[1] == 2, 'batches have their channels second')
  local sum, first = 0, all[1]
  for _, x in ipairs(all) do
    assert(#x == #first and x[2] == first[2] and x[3] == first[3], 'JoinTable: sizes differ')
    sum = sum + x[1]
  end
  return { sum, first[2], first[3] }
end)
local function convolved(self, x)
  local c, h, w = volume(x, self.name)
  local inputs, outputs, kW, kH, dW, dH, padW, padH, dilW, dilH = unpack(self.args)
  assert(c == inputs, self.name .. ': ' .. c .. ' channels, not ' .. inputs)
  dilW, dilH = dilW or 1, dilH or 1
  return { outputs, math.floor((h + 2 * padH - dilH * (kH - 1) - 1) / dH) + 1,
    math.floor((w + 2 * padW - dilW * (kW - 1) - 1) / dW) + 1 }
end
define('SpatialConvolution', convolved)
define('SpatialDilatedConvolution', convolved)
define('SpatialDepthWiseConvolution', function(self, x)
  local size = convolved(self, x)
  return { self.args[1] * self.args[2], size[2], size[3] }
end)
define('SpatialFullConvolution', function(self, x)
  local c, h, w = volume(x, self.name)
  local inputs, outputs, kW, kH, dW, dH, padW, padH, adjW, adjH = unpack(self.args)
  assert(c == inputs)
  return { outputs, (h - 1) * dH - 2 * padH + kH + (adjH or 0), (w - 1) * dW - 2 * padW + kW + (adjW or 0) }
end)
local function pooled(self, x)
  local c, h, w = volume(x, self.name)
  local kW, kH, dW, dH, padW, padH, dilW, dilH = unpack(self.args)
  padW, padH, dilW, dilH = padW or 0, padH or 0, dilW or 1, dilH or 1
  assert(padW <= kW / 2 and padH <= kH / 2, 'pad should be smaller than half of the kernel')
  local oh = self.rounds((h + 2 * padH - dilH * (kH - 1) - 1) / dH) + 1
  local ow = self.rounds((w + 2 * padW - dilW * (kW - 1) - 1) / dW) + 1
  if padW > 0 or padH > 0 then
    if (oh - 1) * dH >= h + padH then oh = oh - 1 end
    if (ow - 1) * dW >= w + padW then ow = ow - 1 end
  end
  return { c, oh, ow }
end
define('SpatialMaxPooling', pooled)
define('SpatialDilatedMaxPooling', pooled)
define('SpatialAveragePooling', pooled)
define('SpatialAdaptiveAveragePooling', function(self, x) return { x[1], self.args[2], self.args[1] } end)
local function padded(self, x)
  local c, h, w = volume(x, self.name)
  local left, right, top, bottom = unpack(self.args)
  return { c, h + top + bottom, w + left + right }
end
define('SpatialZeroPadding', padded)
define('SpatialReflectionPadding', padded)
define('SpatialReplicationPadding', padded)
define('Padding', function(self, x)
  local size = { x[1], x[2], x[3] }
  size[self.args[1]] = size[self.args[1]] + math.abs(self.args[2])
  return size
end)
define('Linear', function(self, x)
  assert(#x == 1 and x[1] == self.args[1], 'Linear: ' .. table.concat(x, 'x') .. ' inputs, not ' .. self.args[1])
  return { self.args[2] }
end)
define('View', function(self, x)
  local count, own = 1, 1
  for _, n in ipairs(x) do count = count * n end
  for _, n in ipairs(self.args) do own = own * n end
  assert(count == own, 'View: ' .. table.concat(x, 'x') .. ' is not ' .. table.concat(self.args, 'x'))
  return { unpack(self.args) }
end)
define('Transpose', function(self, x)
  local size = { x[1], x[2], x[3] }
  for _, pair in ipairs(self.args) do size[pair[1] - 1], size[pair[2] - 1] = size[pair[2] - 1], size[pair[1] - 1] end
  return size
end)
define('Narrow', function(self, x) return { self.args[3], x[2], x[3] } end)
define('SpatialUpSamplingNearest', function(self, x) return { x[1], x[2] * self.args[1], x[3] * self.args[1] } end)
define('PixelShuffle', function(self, x)
  local r = self.args[1]
  return { x[1] / (r * r), x[2] * r, x[3] * r }
end)

for i = 1, #arg, 4 do
  local size = dofile(arg[i]):size({ tonumber(arg[i + 1]), tonumber(arg[i + 2]), tonumber(arg[i + 3]) })
  print(string.format('%dx%dx%d', size[1], size[2] or 1, size[3] or 1))
end

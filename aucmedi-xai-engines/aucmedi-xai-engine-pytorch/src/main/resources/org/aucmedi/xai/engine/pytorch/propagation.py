# Propagation rules as gradients. Every operation keeps its value; its derivative becomes the rule's.
# With g = R / y, the relevance of an output divided by the output, the relevance of the input x is
# x * g * dy/dx where y is made of
#
#   passed = m * detach(y / m)    so that    R[j] = sum over k of (dm[k]/dx[j] * x[j]) / m[k] * R[k]
#
# for a rule whose shares are those of m. Nothing is divided by x, so zeros do no harm.
class Tape(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # 0 shares relevance; 1 keeps the values of the reference; 2 sends differences from them; -1 keeps
  # the derivatives and what is added to the network's values.
  mode : int
  # Whether values that no convolution has made have their channels last.
  channels_last : int
  # For dense layers, for convolutions, for layers that take the input: kind, two numbers.
  rules : List[float]
  first : List[int]
  # The input, and a factor of one for each image, by which all biases are multiplied.
  leaves : List[Tensor]
  # What is added, shaped like what it is added to, channels first.
  constants : List[Tensor]
  outputs : List[Tensor]
  references : List[Tensor]
  names : str
  # The inputs of softmax and sigmoid at the end, of the reference and of the image.
  heads : List[Tensor]
  # What operations under way were called with, and copies to differentiate by.
  held : List[Tensor]
  copies : List[Tensor]
  # Ones where the padded input is the input, and zeros where it is padding.
  inside : List[Tensor]
  reference : List[Tensor]
  at : int
  # The input, weight, bias and output of the last layer with weights, for a normalisation of it.
  last : List[Tensor]
  last_rule : int
  last_id : int
  last_version : int
  stride : List[int]
  padding : List[int]
  dilation : List[int]
  output_padding : List[int]
  groups : int
  operation : int
  way : str
  def clear(self: __torch__.aucmedi_xai.Tape) -> NoneType:
    self.mode = 0
    self.at = 0
    self.names = ""
    torch.clear(self.rules)
    torch.clear(self.first)
    torch.clear(self.leaves)
    torch.clear(self.constants)
    torch.clear(self.outputs)
    torch.clear(self.references)
    torch.clear(self.heads)
    torch.clear(self.held)
    torch.clear(self.copies)
    torch.clear(self.inside)
    torch.clear(self.reference)
    torch.clear(self.last)
    return None
  def start(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    type: int) -> Tensor:
    leaf = torch.requires_grad_(torch.clone(torch.detach(x)), True)
    ones = torch.ones([torch.size(x, 0)], dtype=type, device=ops.prim.device(x))
    torch.append(self.leaves, leaf)
    torch.append(self.leaves, torch.requires_grad_(ones, True))
    return torch.to(torch.clone(leaf), type)
  def start_relevances(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    rules: Tensor,
    first: Tensor,
    type: int) -> Tensor:
    (self).clear()
    for i in range(torch.size(rules, 0)):
      torch.append(self.rules, float(torch.select(rules, 0, i)))
    for i in range(torch.size(first, 0)):
      torch.append(self.first, int(torch.select(first, 0, i)))
    return (self).start(x, type, )
  def start_constants(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    channels_last: int,
    type: int) -> Tensor:
    (self).clear()
    self.mode = -1
    self.channels_last = channels_last
    return (self).start(x, type, )
  def start_reference(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    type: int) -> Tensor:
    (self).clear()
    self.mode = 1
    return (self).start(x, type, )
  def start_differences(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    type: int) -> Tensor:
    for i in range(torch.len(self.outputs)):
      torch.append(self.references, torch.detach(self.outputs[i]))
    torch.clear(self.outputs)
    torch.clear(self.leaves)
    self.names = ""
    self.mode = 2
    return (self).start(x, type, )
  def all_outputs(self: __torch__.aucmedi_xai.Tape) -> List[Tensor]:
    return self.outputs
  def all_references(self: __torch__.aucmedi_xai.Tape) -> List[Tensor]:
    return self.references
  def all_names(self: __torch__.aucmedi_xai.Tape) -> str:
    return self.names
  def output(self: __torch__.aucmedi_xai.Tape,
    value: Tensor,
    name: str) -> NoneType:
    if torch.is_floating_point(value):
      given = torch.to(value, 6)
    else:
      given = value
    torch.append(self.outputs, given)
    self.names = torch.format("{}{}\n", self.names, name)
    return None
  # The value y, with the derivative of passed.
  def through(self: __torch__.aucmedi_xai.Tape,
    y: Tensor,
    passed: Tensor) -> Tensor:
    return torch.detach(y) + (passed - torch.detach(passed))
  # y / m; a sum m of zero has no parts to share by.
  def share(self: __torch__.aucmedi_xai.Tape,
    y: Tensor,
    m: Tensor,
    epsilon: float) -> Tensor:
    sum = torch.detach(m)
    stabilised = torch.where(torch.ge(sum, 0), sum + epsilon, sum - epsilon)
    zero = torch.eq(stabilised, 0)
    safe = torch.where(zero, torch.ones_like(sum), stabilised)
    return torch.where(zero, torch.zeros_like(sum), torch.detach(y) / safe)
  def check_images(self: __torch__.aucmedi_xai.Tape,
    y: Tensor) -> NoneType:
    if torch.ne(torch.remainder(torch.size(y, 0), torch.size(self.leaves[0], 0)), 0):
      ops.prim.RaiseException("an operation with weights mixes the images of a batch")
    else:
      pass
    return None
  # A constant that is added to y, as something to differentiate by.
  def added(self: __torch__.aucmedi_xai.Tape,
    value: Tensor,
    y: Tensor,
    last: bool) -> Tensor:
    (self).check_images(y, )
    whole = torch.expand_as(torch.to(torch.detach(value), ops.prim.dtype(y)), y)
    moved = torch.__and__(last, torch.gt(torch.dim(y), 2))
    if moved:
      whole = torch.movedim(whole, -1, 1)
    else:
      pass
    leaf = torch.requires_grad_(torch.clone(whole), True)
    torch.append(self.constants, leaf)
    result = leaf
    if moved:
      result = torch.movedim(leaf, 1, -1)
    else:
      pass
    return result
  # Constants that are added to y, one for each channel, times one for each image.
  def constant(self: __torch__.aucmedi_xai.Tape,
    value: Tensor,
    y: Tensor) -> Tensor:
    (self).check_images(y, )
    ones = self.leaves[1]
    count = torch.size(ones, 0)
    each = torch.repeat_interleave(ones, torch.floordiv(torch.size(y, 0), count))
    one = annotate(List[int], [])
    for i in range(torch.dim(y) - 1):
      torch.append(one, 1)
    return value * torch.reshape(each, torch.add([-1], one))
  def apply(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Tensor) -> Tensor:
    if torch.eq(self.operation, 0):
      y = torch.linear(x, weight)
    elif torch.eq(self.operation, 1):
      y = torch.matmul(x, weight)
    elif torch.ne(self.way, ""):
      y = torch._convolution_mode(x, weight, None, self.stride, self.way, self.dilation, self.groups)
    else:
      y = torch.convolution(x, weight, None, self.stride, self.padding, self.dilation, torch.eq(self.operation, 3), self.output_padding, self.groups)
    return y
  # The sum of the contributions x * weight that are positive, or of those that are negative.
  def signed(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    y: Tensor,
    positive: bool) -> Tensor:
    above = torch.clamp_min(weight, 0)
    below = torch.clamp_max(weight, 0)
    if positive:
      same = above
      other = below
      added = torch.clamp_min(bias, 0)
    else:
      same = below
      other = above
      added = torch.clamp_max(bias, 0)
    sum = (self).apply(torch.clamp_min(x, 0), same, )
    if bool(torch.any(torch.lt(x, 0))):
      sum = sum + (self).apply(torch.clamp_max(x, 0), other, )
    else:
      pass
    return sum + (self).constant(added, y, )
  # What a layer y = x * weight + bias passes back by its rule.
  def passed(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    z: Tensor,
    y: Tensor,
    rule: int) -> Tensor:
    kind = int(self.rules[rule])
    one = self.rules[rule + 1]
    two = self.rules[rule + 2]
    if torch.eq(kind, 0):
      # epsilon: one is epsilon
      m = z + (self).constant(bias, y, )
      passed = m * (self).share(y, m, one, )
    elif torch.eq(kind, 1):
      # gamma: one is gamma
      more = (self).signed(x, weight, bias, y, True, )
      less = (self).signed(x, weight, bias, y, False, )
      m = z + (self).constant(bias, y, )
      m = m + one * torch.where(torch.gt(torch.detach(y), 0), more, less)
      passed = m * (self).share(y, m, 0., )
    elif torch.eq(kind, 2):
      # alpha-beta: one is alpha; without parts of one sign, the other has all
      more = (self).signed(x, weight, bias, y, True, )
      less = (self).signed(x, weight, bias, y, False, )
      none = torch.zeros_like(y)
      all = torch.ones_like(y)
      alpha = torch.where(torch.eq(torch.detach(less), 0), all, all * one)
      alpha = torch.where(torch.eq(torch.detach(more), 0), none, alpha)
      passed = alpha * more * (self).share(y, more, 0., ) + (all - alpha) * less * (self).share(y, less, 0., )
    else:
      # The layer takes the input: the derivative is that by the factor of one of each value.
      factor = torch.sub(x, torch.detach(x)) + 1.
      if torch.gt(torch.len(self.inside), 0):
        inside = self.inside[0]
        if torch.ne(torch.size(inside), torch.size(x)):
          # Padded with its channels last.
          inside = torch.movedim(inside, -1, 1)
        else:
          pass
        if torch.eq(torch.size(inside), torch.size(x)):
          factor = factor * inside
        else:
          pass
      else:
        pass
      if torch.eq(kind, 3):
        m = (self).apply(factor, torch.ones_like(weight), )
      else:
        low = (self).apply(factor * one, torch.clamp_min(weight, 0), )
        high = (self).apply(factor * two, torch.clamp_max(weight, 0), )
        m = (self).apply(factor * torch.detach(x), weight, ) - low - high
      # Windows without anything to share by have only a bias.
      sum = torch.detach(m)
      alone = torch.where(torch.eq(sum, 0), torch.detach(y), torch.zeros_like(sum))
      passed = m * (self).share(y, m, 0., ) + (self).constant(alone, y, )
    return passed
  def weighted(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    rule: int,
    id: int) -> Tensor:
    z = (self).apply(x, weight, )
    if torch.__is__(bias, None):
      added = torch.zeros([1], dtype=ops.prim.dtype(z), device=ops.prim.device(z))
    else:
      added = unchecked_cast(Tensor, bias)
      if torch.eq(rule, 3):
        one = annotate(List[int], [])
        for i in range(torch.dim(z) - 2):
          torch.append(one, 1)
        added = torch.reshape(added, torch.add([1, -1], one))
      else:
        pass
    if torch.__and__(torch.eq(self.mode, 0), ops.prim.requires_grad(x)):
      if torch.__contains__(self.first, id):
        used = 6
      else:
        used = rule
      y = torch.detach(z) + added
      result = (self).through(y, (self).passed(x, weight, added, z, y, used, ), )
    elif torch.__and__(torch.eq(self.mode, -1), torch.__isnot__(bias, None)):
      result = z + (self).added(added, z, torch.lt(self.operation, 2), )
    else:
      result = z + added
    torch.clear(self.last)
    torch.append(self.last, x)
    torch.append(self.last, weight)
    torch.append(self.last, torch.flatten(added))
    torch.append(self.last, result)
    self.last_rule = rule
    self.last_id = id
    self.last_version = torch._version(result)
    return result
  def linear(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    id: int) -> Tensor:
    self.operation = 0
    return (self).weighted(x, weight, bias, 0, id, )
  def matmul(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    id: int) -> Tensor:
    self.operation = 1
    return (self).weighted(x, weight, bias, 0, id, )
  def convolution(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    stride: List[int],
    padding: List[int],
    dilation: List[int],
    transposed: bool,
    output_padding: List[int],
    groups: int,
    id: int) -> Tensor:
    if transposed:
      self.operation = 3
    else:
      self.operation = 2
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.output_padding = output_padding
    self.groups = groups
    self.way = ""
    return (self).weighted(x, weight, bias, 3, id, )
  def convolution_mode(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    stride: List[int],
    way: str,
    dilation: List[int],
    groups: int,
    id: int) -> Tensor:
    self.operation = 2
    self.stride = stride
    self.dilation = dilation
    self.groups = groups
    self.way = way
    return (self).weighted(x, weight, bias, 3, id, )
  # Whether x is the last layer's output, possibly permuted to and fro, and unchanged since.
  def is_last(self: __torch__.aucmedi_xai.Tape,
    x: Tensor) -> bool:
    same = False
    if torch.__and__(torch.le(self.mode, 0), torch.eq(torch.len(self.last), 4)):
      known = torch.__and__(torch.is_set_to(x, self.last[3]), torch.eq(torch._version(x), self.last_version))
      dense = torch.__and__(torch.eq(self.operation, 0), torch.eq(torch.dim(x), 2))
      same = torch.__and__(known, torch.__or__(dense, torch.eq(self.operation, 2)))
    else:
      pass
    return same
  # A normalisation becomes part of the layer before it, or a layer of one weight for each channel.
  def batch_norm(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    weight: Optional[Tensor],
    bias: Optional[Tensor],
    mean: Optional[Tensor],
    variance: Optional[Tensor],
    training: bool,
    epsilon: float) -> Tensor:
    if torch.__or__(training, torch.__is__(mean, None)):
      ops.prim.RaiseException("a batch normalisation uses the statistics of the batch")
    else:
      pass
    mean0 = unchecked_cast(Tensor, mean)
    scale = torch.rsqrt(unchecked_cast(Tensor, variance) + epsilon)
    if torch.__isnot__(weight, None):
      scale = scale * unchecked_cast(Tensor, weight)
    else:
      pass
    shift = torch.neg(mean0 * scale)
    if torch.__isnot__(bias, None):
      shift = shift + unchecked_cast(Tensor, bias)
    else:
      pass
    if (self).is_last(x, ):
      before = self.last[0]
      weight0 = self.last[1]
      each = annotate(List[int], [])
      for i in range(torch.dim(weight0) - 1):
        torch.append(each, 1)
      folded = weight0 * torch.reshape(scale, torch.add([-1], each))
      result = (self).weighted(before, folded, self.last[2] * scale + shift, self.last_rule, self.last_id, )
    else:
      one = annotate(List[int], [])
      for i in range(torch.dim(x) - 2):
        torch.append(one, 1)
      sizes = torch.add([1, -1], one)
      each0 = torch.reshape(shift, sizes)
      if torch.eq(self.mode, -1):
        constant = (self).added(each0, x, False, )
      else:
        constant = (self).constant(each0, x, )
      result = x * torch.reshape(scale, sizes) + constant
    return result
  # A sum with constants, y = sign * x + shift.
  def shifted(self: __torch__.aucmedi_xai.Tape,
    y: Tensor,
    sign: float) -> Tensor:
    x = torch.pop(self.held)
    copy = torch.pop(self.copies)
    shift = torch.detach(y) - sign * torch.detach(copy)
    if torch.eq(self.mode, -1):
      constant = (self).added(shift, shift, torch.eq(self.channels_last, 1), )
    else:
      constant = (self).constant(shift, shift, )
    return sign * x + constant
  def shifted_(self: __torch__.aucmedi_xai.Tape,
    y: Tensor,
    sign: float) -> Tensor:
    x = self.held[-1]
    return torch.copy_(x, (self).shifted(y, sign, ))
  # Keeps what an operation is called with, and returns what to call it with instead.
  def hold(self: __torch__.aucmedi_xai.Tape,
    x: Tensor) -> Tensor:
    torch.append(self.held, x)
    copy = torch.clone(torch.detach(x))
    if torch.__or__(torch.eq(self.mode, 2), torch.eq(self.mode, -1)):
      copy = torch.requires_grad_(copy, True)
    else:
      pass
    torch.append(self.copies, copy)
    return torch.clone(copy)
  # The input before it is padded, and ones like it.
  def keep(self: __torch__.aucmedi_xai.Tape,
    x: Tensor) -> Tensor:
    torch.append(self.held, x)
    return x
  def ones(self: __torch__.aucmedi_xai.Tape) -> Tensor:
    return torch.ones_like(torch.detach(self.held[-1]))
  def padded(self: __torch__.aucmedi_xai.Tape,
    y: Tensor,
    inside: Tensor) -> Tensor:
    _ = torch.pop(self.held)
    torch.clear(self.inside)
    torch.append(self.inside, inside)
    return y
  # An operation on single values: what goes back is multiplied by y / x, or by the quotient of the
  # differences from the reference, or by the derivative; the tangent of one that is not straight
  # through zero adds a constant.
  def elementwise(self: __torch__.aucmedi_xai.Tape,
    y: Tensor,
    straight: bool) -> Tensor:
    x = torch.pop(self.held)
    copy = torch.pop(self.copies)
    value = torch.detach(y)
    if torch.eq(self.mode, 0):
      zero = torch.eq(copy, 0)
      slope = torch.where(zero, torch.zeros_like(value), value / torch.where(zero, torch.ones_like(copy), copy))
      result = (self).through(value, x * slope, )
    elif torch.eq(self.mode, 1):
      torch.append(self.reference, copy)
      torch.append(self.reference, value)
      result = value
    elif torch.eq(self.mode, -1):
      derivatives = torch.autograd.grad([torch.sum(y)], [copy], None, False, False, False)
      tangent = unchecked_cast(Tensor, derivatives[0])
      passed = x * tangent
      if torch.__not__(straight):
        rest = value - tangent * torch.detach(copy)
        passed = passed + (self).added(rest, rest, torch.eq(self.channels_last, 1), )
      else:
        pass
      result = (self).through(value, passed, )
    else:
      from = torch.detach(copy) - self.reference[self.at]
      to = value - self.reference[self.at + 1]
      self.at = self.at + 2
      near = torch.lt(torch.abs(from), 9.9999999999999995e-08)
      gradients = torch.autograd.grad([torch.sum(y)], [copy], None, False, False, False)
      slope = torch.where(near, unchecked_cast(Tensor, gradients[0]), to / torch.where(near, torch.ones_like(from), from))
      result = (self).through(value, x * slope, )
    return result
  def elementwise_(self: __torch__.aucmedi_xai.Tape,
    y: Tensor,
    straight: bool) -> Tensor:
    x = self.held[-1]
    return torch.copy_(x, (self).elementwise(y, straight, ))
  # The activation at the end; what goes back starts at its input.
  def head(self: __torch__.aucmedi_xai.Tape,
    y: Tensor) -> Tensor:
    x = torch.pop(self.held)
    _ = torch.pop(self.copies)
    torch.append(self.heads, x)
    return (self).through(y, x, )
  # The largest value of a window. A difference goes to the image's largest value where that is the
  # larger one, and else to the value where the reference has its largest.
  def maximum(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    y: Tensor,
    index: Tensor) -> Tensor:
    flat = torch.flatten(x, 2)
    places = torch.flatten(index, 2)
    largest = torch.flatten(torch.detach(y), 2)
    if torch.eq(self.mode, 1):
      torch.append(self.reference, torch.detach(flat))
      torch.append(self.reference, largest)
      torch.append(self.reference, places)
      result = y
    else:
      before = self.reference[self.at]
      smaller = self.reference[self.at + 1]
      places0 = self.reference[self.at + 2]
      self.at = self.at + 3
      chosen = torch.where(torch.ge(largest, smaller), places, places0)
      moved = torch.gather(flat, 2, chosen)
      from = torch.detach(moved) - torch.gather(before, 2, chosen)
      near = torch.lt(torch.abs(from), 9.9999999999999995e-08)
      slope = torch.where(near, torch.ones_like(from), (largest - smaller) / torch.where(near, torch.ones_like(from), from))
      result = torch.reshape((self).through(largest, moved * slope, ), torch.size(y))
    return result
  def max_pool1d(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    kernel: List[int],
    stride: List[int],
    padding: List[int],
    dilation: List[int],
    ceil: bool) -> Tensor:
    y, index, = torch.max_pool1d_with_indices(x, kernel, stride, padding, dilation, ceil)
    if torch.gt(self.mode, 0):
      y = (self).maximum(x, y, index, )
    else:
      pass
    return y
  def max_pool2d(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    kernel: List[int],
    stride: List[int],
    padding: List[int],
    dilation: List[int],
    ceil: bool) -> Tensor:
    y, index, = torch.max_pool2d_with_indices(x, kernel, stride, padding, dilation, ceil)
    if torch.gt(self.mode, 0):
      y = (self).maximum(x, y, index, )
    else:
      pass
    return y
  def max_pool3d(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    kernel: List[int],
    stride: List[int],
    padding: List[int],
    dilation: List[int],
    ceil: bool) -> Tensor:
    y, index, = torch.max_pool3d_with_indices(x, kernel, stride, padding, dilation, ceil)
    if torch.gt(self.mode, 0):
      y = (self).maximum(x, y, index, )
    else:
      pass
    return y
  def per_image(self: __torch__.aucmedi_xai.Tape,
    value: Tensor) -> Tensor:
    rows = torch.reshape(torch.to(value, 6), [torch.size(self.leaves[1], 0), -1])
    return torch.sum(rows, [1])
  # What arrives at the input, the score, and what arrives at the factor of the biases; then for each
  # constant what it adds to the score.
  def back(self: __torch__.aucmedi_xai.Tape,
    output: Tensor,
    reference: Tensor,
    seed: Tensor) -> List[Tensor]:
    ends = torch.slice(self.heads, torch.len(self.heads) - self.own_heads())
    targets = torch.add(torch.add(self.leaves, ends), self.constants)
    gradients = torch.autograd.grad([torch.sum(torch.mul(output, seed))], targets, None, True, False, True)
    arrived = gradients[0]
    if torch.__is__(arrived, None):
      ops.prim.RaiseException("the gradient does not reach the input")
    else:
      pass
    found = torch.to(unchecked_cast(Tensor, arrived), 6)
    if torch.__and__(torch.eq(self.mode, 0), torch.eq(torch.len(self.first), 0)):
      found = found * torch.detach(self.leaves[0])
    else:
      pass
    score = (self).per_image((torch.detach(output) - reference) * seed, )
    score0 = torch.zeros_like(score)
    headed = False
    for i in range(torch.len(ends)):
      arriving = gradients[2 + i]
      if torch.__isnot__(arriving, None):
        end = torch.detach(ends[i])
        if torch.gt(self.mode, 0):
          end = end - torch.detach(self.heads[i])
        else:
          pass
        if torch.__not__(headed):
          score = score0
        else:
          pass
        headed = True
        score = score + (self).per_image(end * unchecked_cast(Tensor, arriving), )
      else:
        pass
    biases = torch.zeros_like(score)
    if torch.__isnot__(gradients[1], None):
      biases = (self).per_image(unchecked_cast(Tensor, gradients[1]), )
    else:
      pass
    parts = annotate(List[Tensor], [])
    for i in range(torch.len(self.constants)):
      part = torch.zeros_like(torch.detach(self.constants[i]))
      at = gradients[2 + torch.len(ends) + i]
      if torch.__isnot__(at, None):
        part = torch.detach(self.constants[i]) * unchecked_cast(Tensor, at)
      else:
        pass
      if torch.ne(torch.size(part, 0), torch.size(found, 0)):
        part = torch.reshape(part, [torch.size(found, 0), -1])
      else:
        pass
      biases = biases + (self).per_image(part, )
      torch.append(parts, torch.contiguous(torch.to(part, 6)))
    return torch.add([found, torch.detach(score), torch.detach(biases)], parts)
  # How many heads the last run has.
  def own_heads(self: __torch__.aucmedi_xai.Tape) -> int:
    count = torch.len(self.heads)
    if torch.gt(self.mode, 0):
      count = torch.floordiv(count, 2)
    else:
      pass
    return count
# What the modules see of the tape. Calls through an interface are compiled once and not for each
# layer.
class Rules(ModuleInterface):
  def keep(self,
    x: Tensor) -> Tensor:
    pass
  def ones(self) -> Tensor:
    pass
  def padded(self,
    y: Tensor,
    inside: Tensor) -> Tensor:
    pass
  def clear(self) -> NoneType:
    pass
  def start_relevances(self,
    x: Tensor,
    rules: Tensor,
    first: Tensor,
    type: int) -> Tensor:
    pass
  def start_constants(self,
    x: Tensor,
    channels_last: int,
    type: int) -> Tensor:
    pass
  def start_reference(self,
    x: Tensor,
    type: int) -> Tensor:
    pass
  def start_differences(self,
    x: Tensor,
    type: int) -> Tensor:
    pass
  def all_outputs(self) -> List[Tensor]:
    pass
  def all_references(self) -> List[Tensor]:
    pass
  def all_names(self) -> str:
    pass
  def output(self,
    value: Tensor,
    name: str) -> NoneType:
    pass
  def back(self,
    output: Tensor,
    reference: Tensor,
    seed: Tensor) -> List[Tensor]:
    pass
  def linear(self,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    id: int) -> Tensor:
    pass
  def matmul(self,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    id: int) -> Tensor:
    pass
  def convolution(self,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    stride: List[int],
    padding: List[int],
    dilation: List[int],
    transposed: bool,
    output_padding: List[int],
    groups: int,
    id: int) -> Tensor:
    pass
  def convolution_mode(self,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    stride: List[int],
    way: str,
    dilation: List[int],
    groups: int,
    id: int) -> Tensor:
    pass
  def batch_norm(self,
    x: Tensor,
    weight: Optional[Tensor],
    bias: Optional[Tensor],
    mean: Optional[Tensor],
    variance: Optional[Tensor],
    training: bool,
    epsilon: float) -> Tensor:
    pass
  def shifted(self,
    y: Tensor,
    sign: float) -> Tensor:
    pass
  def shifted_(self,
    y: Tensor,
    sign: float) -> Tensor:
    pass
  def hold(self,
    x: Tensor) -> Tensor:
    pass
  def elementwise(self,
    y: Tensor,
    straight: bool) -> Tensor:
    pass
  def elementwise_(self,
    y: Tensor,
    straight: bool) -> Tensor:
    pass
  def head(self,
    y: Tensor) -> Tensor:
    pass
  def max_pool1d(self,
    x: Tensor,
    kernel: List[int],
    stride: List[int],
    padding: List[int],
    dilation: List[int],
    ceil: bool) -> Tensor:
    pass
  def max_pool2d(self,
    x: Tensor,
    kernel: List[int],
    stride: List[int],
    padding: List[int],
    dilation: List[int],
    ceil: bool) -> Tensor:
    pass
  def max_pool3d(self,
    x: Tensor,
    kernel: List[int],
    stride: List[int],
    padding: List[int],
    dilation: List[int],
    ceil: bool) -> Tensor:
    pass

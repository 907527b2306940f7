class Tape(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  mode : int
  target : int
  sizes : List[Tensor]
  batch : List[Tensor]
  outputs : List[Tensor]
  names : str
  tapped : List[Tensor]
  relus : int
  replacement : List[Tensor]
  turn : int
  runs : int
  before : List[Tensor]
  cut : List[Tensor]
  ceilings : List[float]
  def clear(self: __torch__.aucmedi_xai.Tape) -> NoneType:
    self.mode = 0
    torch.clear(self.sizes)
    torch.clear(self.batch)
    torch.clear(self.outputs)
    self.names = ""
    torch.clear(self.tapped)
    self.relus = 0
    torch.clear(self.replacement)
    self.turn = 0
    self.runs = 0
    torch.clear(self.before)
    torch.clear(self.cut)
    torch.clear(self.ceilings)
    return None
  def start(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    mode: int,
    target: int,
    type: int) -> Tensor:
    (self).clear()
    self.mode = mode
    self.target = target
    if torch.ge(mode, 3):
      leaf = torch.requires_grad_(torch.detach(x), True)
      torch.append(self.batch, leaf)
      # The module may change its input in place, which is forbidden on a leaf.
      fed = torch.clone(leaf)
    else:
      fed = x
    # The model's own type, inside the graph; float32 on both ends.
    return torch.to(fed, type)
  # What the target gives in its run number turn is replaced.
  def replace(self: __torch__.aucmedi_xai.Tape,
    replacement: Tensor,
    turn: int) -> NoneType:
    torch.append(self.replacement, replacement)
    self.turn = turn
    return None
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
  # The output of module number id. Mode 1 notes its sizes; mode 2 cuts the graph at the target;
  # mode -1 replaces what the target gives.
  def layer(self: __torch__.aucmedi_xai.Tape,
    id: int,
    value: Tensor) -> Tensor:
    passed = value
    if torch.eq(self.mode, 1):
      if torch.is_floating_point(value):
        torch.append(self.sizes, torch.tensor(torch.add([id], torch.size(value))))
      else:
        pass
    elif torch.eq(self.mode, 2):
      if torch.__and__(torch.eq(self.target, id), torch.is_floating_point(value)):
        # What follows may work in place, which is forbidden on a leaf. The tape keeps the tensor
        # that may be changed, as a hook on an eager module does.
        passed = torch.clone(torch.requires_grad_(torch.detach(value), True))
        torch.clear(self.tapped)
        torch.append(self.tapped, passed)
      else:
        pass
    elif torch.eq(self.mode, -1):
      if torch.__and__(torch.eq(self.target, id), torch.is_floating_point(value)):
        self.runs = torch.add(self.runs, 1)
        if torch.eq(self.runs, self.turn):
          given = self.replacement[0]
          if torch.eq(torch.size(given), torch.size(value)):
            # What follows may work in place.
            passed = torch.to(given, value, False, True)
          else:
            torch.append(self.sizes, torch.tensor(torch.add([id], torch.size(value))))
        else:
          pass
      else:
        pass
    else:
      pass
    return passed
  # Modes 3 to 5 cut the graph at a ReLU, so that a rule can be put between the two ends: the one
  # where the graph before ends, and the one, computed without a graph, where the graph behind
  # begins.
  #
  # Mode 3 also cuts behind convolutions and poolings, without a rule, so that gradients gather
  # there. What several ReLUs follow, as a sum or a concatenation, would otherwise send each of
  # their gradients on alone, through the same convolutions.
  #
  # Libtorch refuses to work in place on what a cut returns. So mode 3 is not for networks that
  # change such an output in place, and mode 4 not for those that go on to change a ReLU's,
  # or rectify a view in place. Mode 5 does these too, with a copy for the first. For the second it
  # keeps an edge from the changed tensor to its own past, along which zeros travel through the
  # whole network before.
  def split(self: __torch__.aucmedi_xai.Tape,
    before: Tensor,
    behind: Tensor,
    ceiling: float) -> Tensor:
    torch.append(self.before, before)
    torch.append(self.cut, torch.requires_grad_(behind, True))
    torch.append(self.ceilings, ceiling)
    return behind
  def gathered(self: __torch__.aucmedi_xai.Tape,
    x: Tensor) -> Tensor:
    if torch.__and__(torch.eq(self.mode, 3), ops.prim.requires_grad(x)):
      y = (self).split(x, torch.detach(x), -1., )
    else:
      y = x
    return y
  def rectify(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    y: Tensor,
    ceiling: float) -> Tensor:
    self.relus = torch.add(self.relus, 1)
    return (self).split(x, y, ceiling, )
  def cut_between(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    y: Tensor,
    ceiling: float) -> Tensor:
    behind = (self).rectify(x, y, ceiling, )
    if torch.eq(self.mode, 5):
      behind = torch.clone(behind)
    else:
      pass
    return behind
  def cut_in_place(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    ceiling: float) -> Tensor:
    before = torch.clone(x)
    if torch.eq(self.mode, 5):
      y = (self).rectify(before, torch.clamp(torch.detach(before), 0., ceiling), ceiling, )
      behind = torch.copy_(x, y)
    else:
      if torch.__and__(torch.is_leaf(x), ops.prim.requires_grad(x)):
        ops.prim.RaiseException("a cut is rectified in place")
      else:
        pass
      behind = (self).rectify(before, torch.clamp_(torch.detach_(x), 0., ceiling), ceiling, )
    return behind
  def relu(self: __torch__.aucmedi_xai.Tape,
    x: Tensor) -> Tensor:
    if torch.ge(self.mode, 3):
      y = (self).cut_between(x, torch.relu(torch.detach(x)), inf, )
    else:
      y = torch.relu(x)
    return y
  def relu_(self: __torch__.aucmedi_xai.Tape,
    x: Tensor) -> Tensor:
    if torch.ge(self.mode, 3):
      y = (self).cut_in_place(x, inf, )
    else:
      y = torch.relu_(x)
    return y
  def clipped(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    ceiling: float) -> Tensor:
    if torch.ge(self.mode, 3):
      y = (self).cut_between(x, torch.clamp(torch.detach(x), 0., ceiling), ceiling, )
    else:
      y = torch.hardtanh(x, 0., ceiling)
    return y
  def clipped_(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    ceiling: float) -> Tensor:
    if torch.ge(self.mode, 3):
      y = (self).cut_in_place(x, ceiling, )
    else:
      y = torch.hardtanh_(x, 0., ceiling)
    return y
  def hardtanh(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    floor: float,
    ceiling: float) -> Tensor:
    if torch.eq(floor, 0.):
      y = (self).clipped(x, ceiling, )
    else:
      y = torch.hardtanh(x, floor, ceiling)
    return y
  def hardtanh_(self: __torch__.aucmedi_xai.Tape,
    x: Tensor,
    floor: float,
    ceiling: float) -> Tensor:
    if torch.eq(floor, 0.):
      y = (self).clipped_(x, ceiling, )
    else:
      y = torch.hardtanh_(x, floor, ceiling)
    return y
  def activations(self: __torch__.aucmedi_xai.Tape) -> Tensor:
    return torch.to(torch.detach(self.tapped[-1]), 6)
  # d(sum(output * seed))/d(output of the target)
  def layer_gradient(self: __torch__.aucmedi_xai.Tape,
    output: Tensor,
    seed: Tensor) -> Tensor:
    score = torch.sum(torch.mul(output, seed))
    gradients = torch.autograd.grad([score], [self.tapped[-1]], None, True, False, False)
    return torch.to(unchecked_cast(Tensor, gradients[0]), 6)
  # Walks back from cut to cut. The order of the tape is the order of execution, so all that the
  # end behind a cut fed has sent its gradient before the walk gets there.
  def guided_gradient(self: __torch__.aucmedi_xai.Tape,
    output: Tensor,
    seed: Tensor,
    deconvnet: bool) -> Tensor:
    leaves = torch.add(self.batch, self.cut)
    for i in range(torch.len(leaves)):
      # What an earlier walk left.
      if (self).reached(leaves[i], ):
        _ = torch.zero_(ops.prim.grad(leaves[i]))
      else:
        pass
    torch.autograd.backward(output, seed, True)
    count = torch.len(self.cut)
    for i in range(count):
      k = torch.sub(torch.sub(count, 1), i)
      before = self.before[k]
      behind = self.cut[k]
      ceiling = self.ceilings[k]
      if torch.__and__((self).reached(behind, ), ops.prim.requires_grad(before)):
        passed = ops.prim.grad(behind)
        if torch.ge(ceiling, 0.):
          passed = torch.clamp_min(passed, 0)
          if torch.__not__(deconvnet):
            # The output lies strictly between the bounds where the input does.
            passed = torch.hardtanh_backward(passed, behind, 0, ceiling)
          else:
            pass
        else:
          pass
        torch.autograd.backward(before, passed, True)
      else:
        pass
    if torch.__not__((self).reached(self.batch[0], )):
      ops.prim.RaiseException("the gradient does not reach the input")
    else:
      pass
    return torch.clone(ops.prim.grad(self.batch[0]))
  # Whether a gradient has arrived: an undefined one has other sizes.
  def reached(self: __torch__.aucmedi_xai.Tape,
    leaf: Tensor) -> bool:
    return torch.eq(torch.size(ops.prim.grad(leaf)), torch.size(leaf))

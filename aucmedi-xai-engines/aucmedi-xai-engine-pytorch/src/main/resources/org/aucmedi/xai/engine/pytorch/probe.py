  def aucmedi_run(self: ROOT,
    x: Tensor,
    mode: Tensor,
    target: Tensor,
    type: Tensor) -> List[Tensor]:
    tape = self.aucmedi_tape
    fed = (tape).start(x, int(mode), int(target), int(type), )
    y = (self).forward(fed, )
    OUTPUTS
    return tape.outputs
  def aucmedi_run_from(self: ROOT,
    x: Tensor,
    target: Tensor,
    type: Tensor,
    replacement: Tensor,
    turn: Tensor) -> List[Tensor]:
    tape = self.aucmedi_tape
    fed = (tape).start(x, -1, int(target), int(type), )
    (tape).replace(replacement, int(turn), )
    y = (self).forward(fed, )
    OUTPUTS
    return tape.outputs
  def aucmedi_names(self: ROOT,
    x: Tensor) -> str:
    return self.aucmedi_tape.names
  def aucmedi_sizes(self: ROOT,
    x: Tensor) -> List[Tensor]:
    return self.aucmedi_tape.sizes
  def aucmedi_taps(self: ROOT,
    x: Tensor) -> Tensor:
    return torch.tensor([torch.len(self.aucmedi_tape.tapped), self.aucmedi_tape.relus, self.aucmedi_tape.runs])
  def aucmedi_activations(self: ROOT,
    x: Tensor) -> Tensor:
    return (self.aucmedi_tape).activations()
  def aucmedi_layer_gradient(self: ROOT,
    output: Tensor,
    seed: Tensor) -> Tensor:
    return (self.aucmedi_tape).layer_gradient(output, seed, )
  def aucmedi_guided_gradient(self: ROOT,
    output: Tensor,
    seed: Tensor) -> Tensor:
    return (self.aucmedi_tape).guided_gradient(output, seed, False, )
  def aucmedi_deconvnet_gradient(self: ROOT,
    output: Tensor,
    seed: Tensor) -> Tensor:
    return (self.aucmedi_tape).guided_gradient(output, seed, True, )
  def aucmedi_clear(self: ROOT,
    x: Tensor) -> Tensor:
    (self.aucmedi_tape).clear()
    return x

  def aucmedi_relevances(self: ROOT,
    x: Tensor,
    rules: Tensor,
    first: Tensor,
    type: Tensor) -> List[Tensor]:
    tape = self.aucmedi_tape
    fed = (tape).start_relevances(x, rules, first, int(type), )
    y = (self).forward(fed, )
    OUTPUTS
    return (tape).all_outputs()
  def aucmedi_constants(self: ROOT,
    x: Tensor,
    channels_last: Tensor,
    type: Tensor) -> List[Tensor]:
    tape = self.aucmedi_tape
    fed = (tape).start_constants(x, int(channels_last), int(type), )
    y = (self).forward(fed, )
    OUTPUTS
    return (tape).all_outputs()
  # The reference first, and then the image, through the same operations in the same order.
  def aucmedi_differences(self: ROOT,
    x: Tensor,
    reference: Tensor,
    type: Tensor) -> List[Tensor]:
    tape = self.aucmedi_tape
    fed = (tape).start_reference(reference, int(type), )
    y = (self).forward(fed, )
    OUTPUTS
    fed = (tape).start_differences(x, int(type), )
    y = (self).forward(fed, )
    OUTPUTS
    return (tape).all_outputs()
  def aucmedi_references(self: ROOT,
    x: Tensor) -> List[Tensor]:
    return (self.aucmedi_tape).all_references()
  def aucmedi_names(self: ROOT,
    x: Tensor) -> str:
    return (self.aucmedi_tape).all_names()
  def aucmedi_back(self: ROOT,
    output: Tensor,
    reference: Tensor,
    seed: Tensor) -> List[Tensor]:
    return (self.aucmedi_tape).back(output, reference, seed, )
  def aucmedi_clear(self: ROOT,
    x: Tensor) -> Tensor:
    _0 = (self.aucmedi_tape).clear()
    return x

  def aucmedi_relevances(self: ROOT,
    x: Tensor,
    rules: Tensor,
    first: Tensor,
    type: Tensor) -> List[Tensor]:
    tape = self.aucmedi_tape
    (tape).clear()
    for i in range(torch.size(rules, 0)):
      torch.append(tape.rules, float(torch.select(rules, 0, i)))
    for i in range(torch.size(first, 0)):
      torch.append(tape.first, int(torch.select(first, 0, i)))
    fed = (tape).start(x, int(type), )
    y = (self).forward(fed, )
    OUTPUTS
    return tape.outputs
  # The reference first, and then the image, through the same operations in the same order.
  def aucmedi_differences(self: ROOT,
    x: Tensor,
    reference: Tensor,
    type: Tensor) -> List[Tensor]:
    tape = self.aucmedi_tape
    (tape).clear()
    tape.mode = 1
    fed = (tape).start(reference, int(type), )
    y = (self).forward(fed, )
    OUTPUTS
    for i in range(torch.len(tape.outputs)):
      torch.append(tape.references, torch.detach(tape.outputs[i]))
    torch.clear(tape.outputs)
    torch.clear(tape.leaves)
    tape.names = ""
    tape.mode = 2
    fed = (tape).start(x, int(type), )
    y = (self).forward(fed, )
    OUTPUTS
    return tape.outputs
  def aucmedi_references(self: ROOT,
    x: Tensor) -> List[Tensor]:
    return self.aucmedi_tape.references
  def aucmedi_names(self: ROOT,
    x: Tensor) -> str:
    return self.aucmedi_tape.names
  def aucmedi_back(self: ROOT,
    output: Tensor,
    reference: Tensor,
    seed: Tensor) -> List[Tensor]:
    return (self.aucmedi_tape).back(output, reference, seed, )
  def aucmedi_clear(self: ROOT,
    x: Tensor) -> Tensor:
    (self.aucmedi_tape).clear()
    return x

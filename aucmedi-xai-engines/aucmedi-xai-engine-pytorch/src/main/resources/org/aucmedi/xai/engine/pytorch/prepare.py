  def aucmedi_fold(self: ROOT,
    weight: Tensor,
    bias: Optional[Tensor],
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    variance: Tensor,
    epsilon: float) -> NoneType:
    # Computed in float64, so that rounding happens once.
    scale = torch.div(torch.to(gamma, 7), torch.sqrt(torch.add(torch.to(variance, 7), epsilon)))
    if torch.__is__(bias, None):
      centre = torch.neg(torch.to(mean, 7))
    else:
      centre = torch.sub(torch.to(unchecked_cast(Tensor, bias), 7), torch.to(mean, 7))
    shift = torch.add(torch.to(beta, 7), torch.mul(centre, scale))
    # The channels of the output are the first axis of the weights.
    scaled = torch.mul(torch.transpose(torch.to(weight, 7), 0, -1), scale)
    scaled0 = torch.contiguous(torch.transpose(scaled, 0, -1))
    _0 = torch.set_(weight, torch.to(scaled0, ops.prim.dtype(weight)))
    _1 = torch.set_(beta, torch.to(shift, ops.prim.dtype(beta)))
    return None
  # The memory format: 2 is channels last, which is faster for images, but not for small ones.
  def aucmedi_format(self: ROOT,
    x: Tensor) -> int:
    if torch.eq(torch.dim(x), 4):
      large = torch.ge(torch.mul(torch.size(x, 2), torch.size(x, 3)), LARGE)
    else:
      large = False
    if large:
      format = 2
    else:
      format = 0
    return format
  def aucmedi_fold_all(self: ROOT,
    x: Tensor) -> Tensor:
    FOLDS
    return x
  def aucmedi_lay_out(self: ROOT,
    x: Tensor) -> Tensor:
    format = (self).aucmedi_format(x, )
    LAYOUTS
    return x

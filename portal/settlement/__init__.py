"""结算: what of the fee is earned, deducted and paid, by the quality terms of the contract."""

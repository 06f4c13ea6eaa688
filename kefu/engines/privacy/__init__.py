"""Personal data: masked, encrypted, revealed with a reason, exported with an approver, erased with a proof."""

"""采购: one purchase, from the approved commission to the opening of its bids (政府采购法; 令74; 214号)."""

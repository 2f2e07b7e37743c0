"""开启与评审: two officers open the bids, the panel examines and signs its report (令74; 财库〔2026〕2号)."""

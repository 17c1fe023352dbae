"""Speed, measured beside the peers and the bare libraries; `make bench` runs it, CI never times anything."""

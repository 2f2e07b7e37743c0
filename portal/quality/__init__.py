"""质量会审: experts score plan and report of each sampled subject; the result decides the pay (质费挂钩)."""

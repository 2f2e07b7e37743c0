"""Alarms of the clock, and the switch that lets a demo's clock travel."""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

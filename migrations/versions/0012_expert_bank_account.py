"""The bank account an expert is paid on: its mask and blind index; the number itself is sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("membership", sa.Column("bank_masked", sa.Text(), server_default="", nullable=False))
    op.add_column("membership", sa.Column("bank_index", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("membership", "bank_index")
    op.drop_column("membership", "bank_masked")

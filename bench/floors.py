"""What each page shows, asked of the database by hand: the least a page can cost."""

from typing import Final

FIELDS: Final = "id, name, year, service_kind, ceiling, state, touched_at"
TOTAL: Final = "SELECT count(*) FROM commission WHERE tenant_id = %(tenant)s"
ROWS: Final = {
    "list": f"SELECT {FIELDS} FROM commission WHERE tenant_id = %(tenant)s"
    " ORDER BY touched_at DESC, id DESC LIMIT 20",
    "last_page": f"SELECT {FIELDS} FROM commission WHERE tenant_id = %(tenant)s"
    " AND (touched_at, id) < (%(at)s, %(id)s) ORDER BY touched_at DESC, id DESC LIMIT 20",
}
OTHER: Final = {
    "detail": (
        "SELECT * FROM commission c JOIN quality_terms t ON t.id = c.terms_id WHERE c.id = %(row)s",
        "SELECT * FROM commission_subject l JOIN subject s ON s.id = l.subject_id JOIN unit u ON u.id = s.unit_id WHERE l.commission_id = %(row)s ORDER BY l.place",
        "SELECT * FROM audit_event WHERE tenant_id = %(tenant)s AND subject_id = %(row)s ORDER BY seq",
        "SELECT * FROM commission_edition WHERE commission_id = %(row)s ORDER BY number DESC",
    ),
    "home": (
        "SELECT * FROM inbox WHERE tenant_id = %(tenant)s AND role = 'handler' ORDER BY due_by, since",
        "SELECT * FROM inbox WHERE tenant_id = %(tenant)s AND role <> 'handler' ORDER BY due_by LIMIT 20",
        "SELECT state, count(*) FROM commission WHERE tenant_id = %(tenant)s GROUP BY state",
    ),
    "sheet": (
        "SELECT * FROM sheet WHERE id = %(sheet)s",
        "SELECT r.* FROM round r JOIN sheet s ON s.round_id = r.id WHERE s.id = %(sheet)s",
        "SELECT e.* FROM seat e JOIN sheet s ON s.seat_id = e.id WHERE s.id = %(sheet)s",
        "SELECT f.* FROM stored_file f JOIN sheet s ON s.file_id = f.id WHERE s.id = %(sheet)s",
        "SELECT t.* FROM form_template t, sheet s WHERE s.id = %(sheet)s AND t.code = s.form_code LIMIT 1",
    ),
    "firm_inbox": (
        "SELECT * FROM inbox WHERE tenant_id = %(market)s AND party_id = %(firm)s ORDER BY due_by, since",
        "SELECT tender_id FROM bid WHERE firm_id = %(firm)s AND state = 'submitted'",
    ),
    "tender": (
        "SELECT * FROM tender WHERE id = %(tender)s",
        "SELECT * FROM tender_prospect WHERE tender_id = %(tender)s AND chosen ORDER BY firm_name",
        "SELECT * FROM tender_panel_member WHERE tender_id = %(tender)s",
        "SELECT * FROM tender_question WHERE tender_id = %(tender)s ORDER BY number",
        "SELECT * FROM issued_document WHERE tenant_id = %(market)s AND subject_id = %(tender)s",
        "SELECT * FROM audit_event WHERE tenant_id = %(market)s AND subject_id = %(tender)s ORDER BY seq",
        "SELECT count(*) FROM bid WHERE tender_id = %(tender)s AND state = 'submitted'",
    ),
}
QUERIES: Final = {**{name: (TOTAL, rows) for name, rows in ROWS.items()}, **OTHER}

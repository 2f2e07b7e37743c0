"""The one blueprint of the slice."""

from flask import Blueprint

bp = Blueprint("identity", __name__)

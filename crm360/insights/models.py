"""Tables of figures as last computed, and what the shop says of its hours and promises."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, JsonValue, UtcDateTime


class Figure(Base):
    """The figures of one family, as computed from the facts at one moment. Derived: see `figures.FAMILIES`."""

    __tablename__ = "insights_figure"

    family: Mapped[str] = mapped_column(String, primary_key=True)
    #: The first day of the month reported on; of the newest figures 1970-01-01.
    period_on: Mapped[date] = mapped_column(Date, primary_key=True)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)


class Promise(Base):
    """What is promised to customers of a channel ("" all others): minutes of opening hours, None: nothing."""

    __tablename__ = "insights_promise"

    channel: Mapped[str] = mapped_column(String, primary_key=True)
    first_minutes: Mapped[int | None] = mapped_column()
    next_minutes: Mapped[int | None] = mapped_column()
    resolution_minutes: Mapped[int | None] = mapped_column()
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)


class OpenDay(Base):
    """The opening hours of a weekday (0 Monday); without any row the shop keeps office hours. Minutes of the local day."""

    __tablename__ = "insights_open_day"

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[int] = mapped_column()
    closes: Mapped[int] = mapped_column()
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)

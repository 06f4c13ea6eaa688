"""Why a file is not taken."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Invalid, TooMuch


class Program(Invalid):
    code = "file_program"
    text = _("Programs, scripts and files with macros are not taken. Send a picture, a PDF or an office document without macros.")


class Lie(Invalid):
    code = "file_lie"
    text = _("The content is not what the ending “.%(ending)s” says. Save the file again in its own format.")


class WrongType(Invalid):
    code = "file_type"
    text = _("This kind of file is not taken here (%(type)s).")


class Broken(Invalid):
    code = "file_broken"
    text = _("The file is damaged and cannot be read. Save it again and send it once more.")


class Bomb(TooMuch):
    code = "file_bomb"
    text = _("Unpacked, this file would be far too large.")


class Empty(Invalid):
    code = "file_empty"
    text = _("The file is empty.")


class Large(TooMuch):
    code = "file_large"
    text = _("The file is larger than %(limit)d MB. Make it smaller or send it in parts.")

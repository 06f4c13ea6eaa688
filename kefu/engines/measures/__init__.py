"""Every figure is a named measure with a written definition; reports, boards, appraisals and compliance all read it here."""

"""How the panel looks: rules of style on the theme's own variables, so that it suits light and dark pages.

Plain ipywidgets have no style sheets; a sheet in an HTML widget counts for the whole page, so every rule names a class
of the panel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kmagic.notebook.panels.compile.record import instead_of_record

TEXT = "var(--jp-ui-font-color1, currentColor)"
QUIET = "var(--jp-ui-font-color2, currentColor)"
LINE = "var(--jp-border-color2, rgba(127,127,127,.4))"
GROUND = "var(--jp-layout-color1, transparent)"
RAISED = "var(--jp-layout-color2, rgba(127,127,127,.12))"
# the arrow of lists in a middle grey: the one of ipywidgets is black on dark pages too
ARROW = (
    "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'%3E%3Cpath d='M4 7l5 5 5-5' "
    "fill='none' stroke='%237c7c7c' stroke-width='2'/%3E%3C/svg%3E\")"
)
SHEET = f"""
.kmagic-panel {{ border: 1px solid {LINE}; border-radius: 6px; padding: 12px 14px; max-width: 1060px; color: {TEXT};
  gap: 10px; overflow: visible; }}
.kmagic-panel, .kmagic-panel .widget-html-content {{ font-size: 13px; line-height: 1.45; }}
.kmagic-panel .widget-html, .kmagic-panel .jupyter-widgets.widget-html {{ height: auto; min-height: 0; margin: 0; }}
.kmagic-panel .widget-html-content {{ color: {TEXT}; align-self: stretch; overflow: visible; width: 100%; }}
.kmagic-panel .widget-vbox, .kmagic-panel .widget-hbox {{ overflow: visible; min-width: 0; }}
.kmagic-title {{ font-size: 15px; font-weight: 600; }}
.kmagic-why {{ color: {QUIET}; }}
.kmagic-heading {{ font-weight: 600; margin: 6px 0 4px; padding-bottom: 3px; border-bottom: 1px solid {LINE}; }}
.kmagic-small {{ color: {QUIET}; font-size: 12px; line-height: 1.4; }}
.kmagic-label {{ display: inline-block; width: 130px; text-align: right; margin-right: 8px; color: {TEXT};
  line-height: 28px; }}
.kmagic-caption {{ display: block; padding-left: 134px; }}
.kmagic-columns {{ gap: 24px; align-items: flex-start; }}
.kmagic-finding {{ padding: 5px 10px; border-left: 4px solid {LINE}; background: {RAISED};
  border-radius: 0 4px 4px 0; overflow-wrap: anywhere; }}
.kmagic-finding.kmagic-error {{ border-left-color: #d55e00; }}
.kmagic-finding.kmagic-warning {{ border-left-color: #e69f00; }}
.kmagic-finding.kmagic-hint {{ border-left-color: #56b4e9; }}
.kmagic-finding.kmagic-good {{ border-left-color: #009e73; }}
.kmagic-findings {{ gap: 8px; }}
.kmagic-fixes {{ padding-left: 10px; gap: 4px; }}
.kmagic-fixes .jupyter-button {{ height: auto; min-height: 26px; line-height: 1.3; padding: 4px 10px;
  white-space: normal; text-align: left; margin: 2px 0; border: 1px solid {LINE}; }}
.kmagic-disclosure.jupyter-button {{ background: none; box-shadow: none !important; text-align: left; padding: 0 4px;
  width: auto; align-self: flex-start; color: {QUIET}; }}
.kmagic-disclosure.jupyter-button.mod-active {{ background: none; box-shadow: none; color: {TEXT}; }}
.kmagic-panel .jupyter-button:focus-visible {{ outline: 2px solid var(--jp-brand-color1, #2196f3);
  outline-offset: 1px; }}
.kmagic-disclosed {{ border-left: 2px solid {LINE}; margin-left: 8px; padding-left: 8px; }}
.kmagic-disclosed > .widget-html {{ padding: 2px 0 6px; }}
.kmagic-formula {{ padding: 6px 0; overflow-x: auto; line-height: 2; }}
.kmagic-chips {{ gap: 4px 6px; align-items: center; }}
.kmagic-chip {{ border: 1px solid {LINE}; border-radius: 14px; background: {RAISED}; }}
.kmagic-chip .jupyter-button {{ background: none; height: 26px; line-height: 26px; margin: 0; padding: 0 4px 0 10px;
  box-shadow: none; border: 0; color: {TEXT}; }}
.kmagic-chip .jupyter-button:last-child {{ padding: 0 9px 0 5px; color: {QUIET}; }}
.kmagic-found {{ margin: 0 2px 0 140px; border: 1px solid {LINE}; border-radius: 4px;
  max-height: 176px; overflow-y: auto !important; }}
.kmagic-found .jupyter-button {{ background: none; box-shadow: none; text-align: left; height: 24px; line-height: 24px;
  padding: 0 8px; margin: 0; flex: 0 0 24px; color: {TEXT}; }}
.kmagic-found .jupyter-button:hover {{ background: {RAISED}; }}
.kmagic-found .jupyter-button.kmagic-unfit {{ color: {QUIET}; white-space: normal; height: auto; flex: 0 0 auto;
  line-height: 1.35; padding: 4px 8px; }}
.kmagic-panel .widget-dropdown > select {{ background-image: {ARROW}; }}
.kmagic-code textarea {{ font-family: var(--jp-code-font-family, monospace); font-size: 12px; line-height: 1.4;
  background: {RAISED}; color: {TEXT}; }}
.kmagic-actions {{ gap: 10px; align-items: center; border-top: 1px solid {LINE}; padding-top: 10px; }}
.kmagic-preview table {{ border-collapse: collapse; }}
.kmagic-preview td, .kmagic-preview th {{ padding: 2px 10px; text-align: left; border-bottom: 1px solid {LINE}; }}
"""


def sheet(identity: str, lists: Mapping[str, Sequence[int]]) -> str:
    """The style sheet of one panel; `lists` holds, by class, the options of lists that are to be grey."""
    rules = [SHEET, instead_of_record(identity)]
    for name, places in lists.items():
        options = ", ".join(f".kmagic-panel-{identity} .{name} option:nth-child({place})" for place in places)
        if options:
            rules.append(f"{options} {{ color: var(--jp-ui-font-color3, gray); }}")
    return f"<style>{''.join(rules)}</style>"

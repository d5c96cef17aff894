#include "apps/event_horizon/content/markdown_writer.hpp"

#include "apps/event_horizon/content/cmark_tree.hpp"

#include <algorithm>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <utility>

namespace beamline::event_horizon {

namespace {

bool is_level_one(cmark_node* n) {
  return cmark_node_get_type(n) == CMARK_NODE_HEADING && cmark_node_get_heading_level(n) == 1;
}

}  // namespace

void markdown_writer::write(cmark_node* root) {
  auto walk = tree_iterator{cmark_iter_new(root)};
  auto* first = cmark_node_first_child(root);
  if (first != nullptr && is_level_one(first))
    out_.first_heading = text_of(first);
  auto look = tree_iterator{cmark_iter_new(root)};
  while (!has_top_headings_ && cmark_iter_next(look.get()) != CMARK_EVENT_DONE)
    if (auto* n = cmark_iter_get_node(look.get()); is_level_one(n))
      has_top_headings_ = !is_left_out(n);
  filter_.open_scope();
  for (auto e = cmark_iter_next(walk.get()); e != CMARK_EVENT_DONE; e = cmark_iter_next(walk.get())) {
    auto* n = cmark_iter_get_node(walk.get());
    if (n == root)
      continue;
    // Written in one go with what is in them.
    auto type = cmark_node_get_type(n);
    bool is_whole = type == CMARK_NODE_IMAGE || type == CMARK_NODE_FOOTNOTE_REFERENCE
                 || (type == CMARK_NODE_HEADING && is_left_out(n));
    if (e == CMARK_EVENT_ENTER)
      enter(n);
    else if (!is_whole)
      leave(n);
    if (is_whole && e == CMARK_EVENT_ENTER)
      cmark_iter_reset(walk.get(), n, CMARK_EVENT_EXIT);
  }
  filter_.close_scope(html_);
  if (is_in_footnotes_)
    tag("</ol>\n</section>\n");
  out_.body = safe_html::trusted(std::move(html_));
  if (out_.excerpt.empty())  // There is no paragraph, but perhaps a list.
    out_.excerpt = beginning_of(out_.plain);
}

/// The first heading, when it says no more than the title of the page.
bool markdown_writer::is_left_out(cmark_node* heading) {
  return is_level_one(heading) && cmark_node_previous(heading) == nullptr
      && cmark_node_get_type(cmark_node_parent(heading)) == CMARK_NODE_DOCUMENT
      && (context_.title.empty() || context_.title == out_.first_heading);
}

void markdown_writer::enter(cmark_node* n) {
  if (auto line = cmark_node_get_start_line(n); line > 0)
    line_ = line;
  if (enter_leaf(n))
    return;
  ++depth_;
  if (depth_ <= nesting_max)
    enter_block(n, cmark_node_get_type_string(n));
  else if (depth_ == nesting_max + 1)
    report("is nested more than " + std::to_string(nesting_max) + " deep; what is deeper is shown as plain text");
  filter_.open_scope();
}

void markdown_writer::leave(cmark_node* n) {
  // A back link stands inside the last paragraph of its footnote, behind what is open there.
  filter_.close_scope(html_);
  if (depth_ <= nesting_max)
    leave_block(n, cmark_node_get_type_string(n));
  --depth_;
}

// -- leaves ------------------------------------------------------------------------------------

/// True: that was all of it.
bool markdown_writer::enter_leaf(cmark_node* n) {
  auto type = cmark_node_get_type(n);
  if (type == CMARK_NODE_TEXT)
    text(literal(n));
  else if (type == CMARK_NODE_SOFTBREAK)
    text("\n");
  else if (type == CMARK_NODE_LINEBREAK)
    tag("<br>\n");
  else if (type == CMARK_NODE_HTML_INLINE)
    filter_.feed(literal(n), html_);
  else if (type == CMARK_NODE_HTML_BLOCK) {
    end_line();
    filter_.feed(literal(n), html_);
    end_line();
  } else if (type == CMARK_NODE_CODE) {
    tag("<code>");
    text(literal(n));
    tag("</code>");
  } else if (type == CMARK_NODE_CODE_BLOCK)
    write_code_block(n);
  else if (type == CMARK_NODE_THEMATIC_BREAK) {
    end_line();
    tag("<hr>\n");
  } else if (type == CMARK_NODE_FOOTNOTE_REFERENCE)
    write_footnote_reference(n);
  else if (type == CMARK_NODE_IMAGE)
    write_image(n);
  else
    return type == CMARK_NODE_HEADING && is_left_out(n);
  return true;
}

void markdown_writer::text(std::string_view words) {
  if (filter_.is_dropping())
    return;
  html::append_text(html_, words);
  if (footnote_ == 0)
    out_.plain += words;
}

void markdown_writer::end_line() {
  if (!html_.empty() && html_.back() != '\n')
    html_ += '\n';
}

// -- blocks and spans ----------------------------------------------------------------------------

void markdown_writer::enter_block(cmark_node* n, std::string_view type) {
  if (type == "paragraph") {
    auto* list = cmark_node_parent(n) == nullptr ? nullptr : cmark_node_parent(cmark_node_parent(n));
    bool is_tight =
        list != nullptr && cmark_node_get_type(list) == CMARK_NODE_LIST && cmark_node_get_list_tight(list) != 0;
    if (!is_tight) {
      end_line();
      tag("<p>");
    }
    excerpt_begin_ = out_.plain.size();
  } else if (type == "heading") {
    enter_heading(n);
  } else if (type == "block_quote") {
    end_line();
    tag("<blockquote>\n");
  } else if (type == "list") {
    enter_list(n);
  } else if (type == "item" || type == "tasklist") {
    enter_item(n, type == "tasklist");
  } else if (type == "emph") {
    tag("<em>");
  } else if (type == "strong") {
    tag("<strong>");
  } else if (type == "strikethrough") {
    tag("<del>");
  } else if (type == "link") {
    enter_link(n);
  } else if (type == "table") {
    end_line();
    // It scrolls by itself when it is too wide, also with the keyboard.
    tag("<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>\n");
    const auto* marks = cmark_gfm_extensions_get_table_alignments(n);
    aligns_.clear();
    for (auto i = 0; i < cmark_gfm_extensions_get_table_columns(n); ++i)
      aligns_.push_back(marks[i] == 'r' ? "to-right" : marks[i] == 'c' ? "centered" : "");
    has_body_rows_ = false;
  } else if (type == "table_header" || type == "table_row") {
    column_ = 0;
    is_in_head_row_ = type == "table_header";
    if (is_in_head_row_)
      tag("<thead>\n");
    else if (!std::exchange(has_body_rows_, true))
      tag("<tbody>\n");
    tag("<tr>");
  } else if (type == "table_cell") {
    enter_cell(n);
  } else if (cmark_node_get_type(n) == CMARK_NODE_FOOTNOTE_DEFINITION) {
    if (!std::exchange(is_in_footnotes_, true)) {
      filter_.close_scope(html_);  // Nothing of the text above reaches around the notes.
      filter_.open_scope();
      end_line();
      tag("<section class=\"footnotes\" aria-label=\"Footnotes\">\n<ol>\n");
    }
    footnote_ = ++footnotes_;
    has_back_links_ = false;
    tag("<li id=\"fn:" + std::to_string(footnote_) + "\">");
  }
}

void markdown_writer::leave_block(cmark_node* n, std::string_view type) {
  if (type == "paragraph") {
    leave_paragraph(n);
  } else if (type == "heading") {
    tag("</h" + std::to_string(shown_level(cmark_node_get_heading_level(n))) + ">\n");
    out_.plain += '\n';
  } else if (type == "block_quote") {
    end_line();
    tag("</blockquote>\n");
  } else if (type == "list") {
    tag(cmark_node_get_list_type(n) == CMARK_ORDERED_LIST ? "</ol>\n" : "</ul>\n");
  } else if (type == "item" || type == "tasklist") {
    tag("</li>\n");
    out_.plain += '\n';
  } else if (type == "emph") {
    tag("</em>");
  } else if (type == "strong") {
    tag("</strong>");
  } else if (type == "strikethrough") {
    tag("</del>");
  } else if (type == "link") {
    if (links_.back())
      tag("</a>");
    links_.pop_back();
  } else if (type == "table") {
    tag(has_body_rows_ ? "</tbody>\n</table></div>\n" : "</table></div>\n");
  } else if (type == "table_header") {
    tag("</tr>\n</thead>\n");
    out_.plain += '\n';
  } else if (type == "table_row") {
    tag("</tr>\n");
    out_.plain += '\n';
  } else if (type == "table_cell") {
    tag(is_in_head_row_ ? "</th>" : "</td>");
    out_.plain += ' ';
    ++column_;
  } else if (cmark_node_get_type(n) == CMARK_NODE_FOOTNOTE_DEFINITION) {
    if (!has_back_links_)
      append_back_links(footnote_);
    tag("</li>\n");
    footnote_ = 0;
  }
}

}  // namespace beamline::event_horizon

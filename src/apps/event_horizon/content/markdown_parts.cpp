// What the parts of a text look like: headings, lists, code, links, pictures, notes.
#include "apps/event_horizon/content/cmark_tree.hpp"
#include "apps/event_horizon/content/highlight.hpp"
#include "apps/event_horizon/content/markdown_writer.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cmark-gfm-core-extensions.h>
#include <cstdlib>
#include <utility>

namespace beamline::event_horizon {

namespace {

/// `## Title {#name}`: cuts the name off.
std::string take_given_id(std::string& heading) {
  auto begin = heading.rfind("{#");
  if (begin == std::string::npos || !heading.ends_with('}'))
    return {};
  auto out = heading.substr(begin + 2, heading.size() - begin - 3);
  heading.resize(begin);
  while (heading.ends_with(' '))
    heading.pop_back();
  return out;
}

}  // namespace

std::string beginning_of(std::string_view text) {
  auto first = std::min(text.find_first_not_of(" \n"), text.size());
  text = text.substr(first, text.find_last_not_of(" \n") + 1 - first);
  auto cut = truncate_utf8(text, excerpt_bytes_max);
  if (auto space = cut.rfind(' '); cut.size() < text.size() && space != std::string_view::npos)
    cut = cut.substr(0, space);
  auto out = std::string{cut} + (cut.size() < text.size() ? "…" : "");
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

std::string_view literal(cmark_node* n) { return or_empty(cmark_node_get_literal(n)); }

std::string text_of(cmark_node* n) {
  auto out = std::string{};
  auto walk = tree_iterator{cmark_iter_new(n)};
  for (auto e = cmark_iter_next(walk.get()); e != CMARK_EVENT_DONE; e = cmark_iter_next(walk.get())) {
    if (e != CMARK_EVENT_ENTER)
      continue;
    auto type = cmark_node_get_type(cmark_iter_get_node(walk.get()));
    if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
      out += literal(cmark_iter_get_node(walk.get()));
    else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
      out += ' ';
  }
  return out;
}

void markdown_writer::write_code_block(cmark_node* n) {
  if (filter_.is_dropping())
    return;
  auto info = or_empty(cmark_node_get_fence_info(n));
  auto language = info.substr(0, std::min(info.find_first_of(" \t,{"), info.size()));
  end_line();
  // It scrolls sideways, which must be possible with the keyboard, too.
  tag("<pre tabindex=\"0\"><code");
  if (!language.empty()) {
    tag(" class=\"language-");
    html::append_attribute(html_, language);
    tag("\"");
  }
  tag(">");
  tag(highlight_code(literal(n), language).str());
  tag("</code></pre>\n");
  // Code is read more slowly than prose, and skimmed more often.
  auto code = literal(n);
  out_.words += static_cast<std::size_t>(std::count(code.begin(), code.end(), '\n')) * 4;
}

void markdown_writer::write_footnote_reference(cmark_node* n) {
  auto number = std::atoi(std::string{literal(n)}.c_str());
  auto times = ++references_[number];
  auto name = std::to_string(number);
  tag("<sup class=\"footnote-ref\"><a href=\"#fn:" + name + "\" id=\"fnref:" + name
      + (times > 1 ? "-" + std::to_string(times) : "") + "\" aria-label=\"Footnote " + name + "\">" + name
      + "</a></sup>");
}

void markdown_writer::leave_paragraph(cmark_node* n) {
  bool is_last_of_note = footnote_ > 0 && cmark_node_next(n) == nullptr
                      && cmark_node_get_type(cmark_node_parent(n)) == CMARK_NODE_FOOTNOTE_DEFINITION;
  if (is_last_of_note)
    append_back_links(footnote_);
  auto* list = cmark_node_parent(cmark_node_parent(n));
  bool is_tight =
      list != nullptr && cmark_node_get_type(list) == CMARK_NODE_LIST && cmark_node_get_list_tight(list) != 0;
  if (!is_tight)
    tag("</p>\n");
  if (out_.excerpt.empty() && footnote_ == 0)
    out_.excerpt = beginning_of(std::string_view{out_.plain}.substr(excerpt_begin_));
  if (footnote_ == 0)
    out_.plain += '\n';
}

void markdown_writer::append_back_links(int footnote) {
  has_back_links_ = true;
  auto name = std::to_string(footnote);
  for (auto i = 1; i <= references_[footnote]; ++i)
    tag(" <a class=\"footnote-back\" href=\"#fnref:" + name + (i > 1 ? "-" + std::to_string(i) : "")
        + "\" aria-label=\"Back to reference " + name + (i > 1 ? " number " + std::to_string(i) : "") + "\">↩</a>");
}

void markdown_writer::enter_heading(cmark_node* n) {
  auto level = shown_level(cmark_node_get_heading_level(n));
  auto words = text_of(n);
  auto given = take_given_id(words);
  if (auto* last = cmark_node_last_child(n); !given.empty() && last != nullptr)
    if (auto text = std::string{literal(last)}; cmark_node_get_type(last) == CMARK_NODE_TEXT) {
      (void)take_given_id(text);
      cmark_node_set_literal(last, text.c_str());
    }
  auto id = !given.empty() && ids_.claim(given) ? given : ids_.make(words);
  end_line();
  auto attribute = std::string{};
  html::append_attribute(attribute, id);
  tag("<h" + std::to_string(level) + " id=\"" + attribute + "\"><a class=\"anchor\" href=\"#" + attribute
      + "\" aria-hidden=\"true\" tabindex=\"-1\">#</a>");
  if (out_.toc.size() < toc_entries_max)
    out_.toc.push_back({level, std::move(id), std::move(words)});
}

void markdown_writer::enter_list(cmark_node* n) {
  end_line();
  if (cmark_node_get_list_type(n) != CMARK_ORDERED_LIST)
    return tag("<ul>\n");
  auto start = cmark_node_get_list_start(n);
  tag(start == 1 ? "<ol>\n" : "<ol start=\"" + std::to_string(start) + "\">\n");
}

void markdown_writer::enter_item(cmark_node* n, bool is_task) {
  end_line();
  if (!is_task)
    return tag("<li>");
  bool is_done = cmark_gfm_extensions_get_tasklist_item_checked(n);
  tag("<li class=\"task-list-item\"><input type=\"checkbox\" disabled aria-label=\"");
  tag(is_done ? "Done\" checked> " : "To do\"> ");
}

void markdown_writer::enter_cell(cmark_node*) {
  tag(is_in_head_row_ ? "<th scope=\"col\"" : "<td");
  if (column_ < aligns_.size() && !aligns_[column_].empty())
    tag(" class=\"" + std::string{aligns_[column_]} + "\"");
  tag(">");
}

void markdown_writer::enter_link(cmark_node* n) {
  auto url = link_for(or_empty(cmark_node_get_url(n)));
  links_.push_back(url.has_value());
  if (!url)
    return;
  tag("<a href=\"");
  html::append_url_attribute(html_, *url);
  if (auto title = or_empty(cmark_node_get_title(n)); !title.empty()) {
    tag("\" title=\"");
    html::append_attribute(html_, title);
  }
  tag("\">");
}

void markdown_writer::write_image(cmark_node* n) {
  if (filter_.is_dropping())
    return;
  auto alt = text_of(n);
  tag(image_html({.url = or_empty(cmark_node_get_url(n)), .alt = alt, .title = or_empty(cmark_node_get_title(n))}));
}

}  // namespace beamline::event_horizon

#pragma once

#include "apps/event_horizon/content/html_filter.hpp"
#include "apps/event_horizon/content/id_registry.hpp"
#include "apps/event_horizon/content/markdown.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// cmark's own name; its header stays in the .cpp files.
struct cmark_node;

namespace beamline::event_horizon {

/// Writes one parsed text as HTML, node by node and without recursion. Used once, on the stack of `render_markdown`.
class markdown_writer final : private html_host {
public:
  markdown_writer(const markdown_context& context, rendered_text& out) : context_{context}, out_{out} {}

  void write(cmark_node* root);

private:
  // -- nodes --------------------------------------------------------------------------------
  void enter(cmark_node* n);
  void leave(cmark_node* n);
  bool enter_leaf(cmark_node* n);
  void enter_block(cmark_node* n, std::string_view type);
  void leave_block(cmark_node* n, std::string_view type);
  void enter_heading(cmark_node* n);
  void enter_item(cmark_node* n, bool is_task);
  void enter_list(cmark_node* n);
  void enter_cell(cmark_node* n);
  void enter_link(cmark_node* n);
  void leave_paragraph(cmark_node* n);
  void write_code_block(cmark_node* n);
  void write_image(cmark_node* n);
  void write_footnote_reference(cmark_node* n);
  void append_back_links(int footnote);
  [[nodiscard]] bool is_left_out(cmark_node* heading);
  [[nodiscard]] int shown_level(int level) const noexcept { return std::min(6, level + (has_top_headings_ ? 1 : 0)); }

  // -- what the filter asks ------------------------------------------------------------------
  std::optional<std::string> link_for(std::string_view url) override;
  std::string image_for(const std::vector<html_attribute>& attributes) override;
  bool claim_id(std::string_view id) override { return ids_.claim(id); }
  void left_out(const std::string& what, std::string_view why) override;

  // -- the rest ------------------------------------------------------------------------------
  struct picture {
    std::string_view url{}, alt{}, title{}, width{}, height{};
  };
  [[nodiscard]] std::string image_html(const picture& p);
  void text(std::string_view words);
  void tag(std::string_view markup) { html_ += markup; }
  void end_line();
  void report(std::string words);

  const markdown_context& context_;
  rendered_text& out_;
  std::string html_;
  id_registry ids_;
  html_filter filter_{*this};
  std::size_t depth_ = 0;
  int line_ = 0;                   // Where the block being written begins, within the text.
  bool has_top_headings_ = false;  // Then all headings go down by one.
  bool is_first_image_ = true;
  bool is_in_head_row_ = false;
  bool has_body_rows_ = false;
  std::size_t excerpt_begin_ = 0;         // In the plain text.
  std::vector<bool> links_;               // Whether each open link has a tag.
  std::vector<std::string_view> aligns_;  // Of the columns of the table being written.
  std::size_t column_ = 0;
  int footnotes_ = 0;  // Written, or begun.
  int footnote_ = 0;   // The one being written; 0: none.
  bool is_in_footnotes_ = false;
  bool has_back_links_ = false;    // Of the footnote being written.
  std::map<int, int> references_;  // To each footnote.
  std::set<std::string> reported_;
};

}  // namespace beamline::event_horizon

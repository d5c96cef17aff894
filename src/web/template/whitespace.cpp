#include "web/template/whitespace.hpp"

#include "web/template/html_facts.hpp"

#include <algorithm>

namespace beamline::web::heex {

namespace {

enum class edges { keep, trim, trim_lines, trim_all };

class space_normaliser {
public:
  explicit space_normaliser(comment_handling comments) : comments_{comments} {}

  void content(nodes& list, edges at_ends);

private:
  void element(element_node& e);
  void verbatim(nodes& list);
  void merge(nodes& list) const;
  [[nodiscard]] std::string collapsed(std::string_view text) const;
  void trim_end(nodes& list, bool at_begin, edges how) const;

  comment_handling comments_;
};

std::string space_normaliser::collapsed(std::string_view text) const {
  auto out = std::string{};
  for (std::size_t i = 0; i < text.size();) {
    if (!is_space(text[i])) {
      out += text[i++];
      continue;
    }
    const auto begin = i;
    while (i < text.size() && is_space(text[i]))
      ++i;
    const auto lines = std::ranges::count(text.substr(begin, i - begin), '\n');
    // Until the ends are trimmed, a line end says that there was one.
    out += lines == 0 ? " " : lines == 1 || comments_ == comment_handling::drop ? "\n" : "\n\n";
  }
  return out;
}

/// Comments go, and neighbouring texts become one.
void space_normaliser::merge(nodes& list) const {
  if (comments_ == comment_handling::drop)
    std::erase_if(list, [](const node& n) { return n.as<comment_node>() != nullptr; });
  for (std::size_t i = 1; i < list.size();) {
    auto* before = list[i - 1].as<text_node>();
    const auto* now = list[i].as<text_node>();
    if (before == nullptr || now == nullptr) {
      ++i;
      continue;
    }
    before->text += now->text;
    list[i - 1].where.end = list[i].where.end;
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void space_normaliser::trim_end(nodes& list, bool at_begin, edges how) const {
  auto* text = list.empty() ? nullptr : (at_begin ? list.front() : list.back()).as<text_node>();
  if (how == edges::keep || text == nullptr)
    return;
  const auto kept = trim(text->text);
  const auto first = static_cast<std::size_t>(kept.empty() ? 0 : kept.data() - text->text.data());
  const auto begin = at_begin ? std::size_t{0} : first + kept.size();
  const auto end = at_begin && !kept.empty() ? first : text->text.size();
  if (how == edges::trim_lines
      && std::string_view{text->text}.substr(begin, end - begin).find('\n') == std::string::npos)
    return;
  if (how == edges::trim_lines && comments_ == comment_handling::keep)
    return;  // That there is a line end also says what becomes of the space on the other side of a comment.
  text->text.erase(begin, end - begin);
  if (text->text.empty())
    list.erase(at_begin ? list.begin() : list.end() - 1);
}

void space_normaliser::verbatim(nodes& list) {
  merge(list);
  for (auto& n : list) {
    if (auto* e = n.as<element_node>())
      verbatim(e->children);
    else if (auto* b = n.as<if_node>())
      for (auto& branch : b->branches)
        verbatim(branch.children);
    else if (auto* f = n.as<for_node>())
      verbatim(f->children);
  }
}

void space_normaliser::element(element_node& e) {
  if (is_verbatim(e))
    return verbatim(e.children);
  if (e.what != element_node::kind::html || is_block_element(e.name))
    return content(e.children, edges::trim);
  content(e.children, holds_no_text(e.name) ? edges::trim_all : edges::keep);
}

void space_normaliser::content(nodes& list, edges at_ends) {
  merge(list);
  for (auto& n : list) {
    if (auto* t = n.as<text_node>())
      t->text = collapsed(t->text);
    else if (auto* e = n.as<element_node>())
      element(*e);
    else if (auto* f = n.as<for_node>())
      content(f->children, at_ends == edges::trim_all ? edges::trim_all : edges::trim_lines);
    else if (auto* b = n.as<if_node>())
      for (auto& branch : b->branches)
        content(branch.children, at_ends == edges::trim_all ? edges::trim_all : edges::trim_lines);
  }
  trim_end(list, true, at_ends);
  trim_end(list, false, at_ends);
  for (auto& n : list)
    if (auto* t = n.as<text_node>()) {
      if (comments_ == comment_handling::drop)
        std::ranges::replace(t->text, '\n', ' ');
      if (at_ends == edges::trim_all && trim(t->text).empty() && comments_ == comment_handling::drop)
        t->text.clear();
    }
  std::erase_if(list, [](const node& n) { return n.as<text_node>() != nullptr && n.as<text_node>()->text.empty(); });
}

}  // namespace

bool is_verbatim(const element_node& e) {
  if (e.what != element_node::kind::html)
    return false;
  return keeps_space(e.name) || is_raw_element(e.name)
      || std::ranges::any_of(e.attributes, [](const attribute& a) { return a.name == "phx-no-format"; });
}

void normalise_space(template_file& file, comment_handling comments) {
  auto normaliser = space_normaliser{comments};
  for (auto& u : file.units)
    normaliser.content(u.children, edges::trim);
}

}  // namespace beamline::web::heex

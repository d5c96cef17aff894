#include "web/template/formatter.hpp"

#include "web/template/flat_printer.hpp"
#include "web/template/html_facts.hpp"
#include "web/template/parser.hpp"
#include "web/template/whitespace.hpp"

#include <algorithm>
#include <utility>

namespace beamline::web::heex {

namespace {

/// What stands between two things on one level.
enum class gap : std::uint8_t { none, fixed_space, space, line, blank_line };

/// A word, or anything else that is not text.
struct item {
  gap before = gap::none;
  std::string word;
  const node* what = nullptr;
};

/// The content of an element or block.
struct sequence {
  std::vector<item> items;
  gap last = gap::none;  // Behind the last item.
};

gap gap_of(std::string_view space) {
  if (space.empty())
    return gap::none;
  const auto lines = std::ranges::count(space, '\n');
  return lines == 0 ? gap::space : lines == 1 ? gap::line : gap::blank_line;
}

sequence sequence_of(const nodes& list) {
  auto s = sequence{};
  auto before = gap::none;
  for (const auto& n : list) {
    const auto* t = n.as<text_node>();
    if (t == nullptr) {
      s.items.push_back({std::exchange(before, gap::none), {}, &n});
      continue;
    }
    for (std::size_t i = 0; i < t->text.size();) {
      const auto begin = i;
      const auto is_gap = is_space(t->text[i]);
      while (i < t->text.size() && is_space(t->text[i]) == is_gap)
        ++i;
      auto part = t->text.substr(begin, i - begin);
      if (is_gap)
        before = std::max(before, gap_of(part));
      else
        s.items.push_back({std::exchange(before, gap::none), std::move(part), nullptr});
    }
  }
  s.last = before;
  return s;
}

/// The content of an if or for. White space at its ends is dropped if there is a line end in it, comments or not; so
/// where there are only spaces, they must stay spaces.
sequence block_sequence(const nodes& list) {
  auto s = sequence_of(list);
  const auto is_comment = [&](std::size_t i) {
    return i < s.items.size() && s.items[i].what != nullptr && s.items[i].what->as<comment_node>() != nullptr;
  };
  const auto fix = [](const std::vector<gap*>& gaps) {
    if (std::ranges::any_of(gaps, [](const gap* g) { return *g >= gap::line; }))
      return;
    for (auto* g : gaps)
      *g = *g == gap::space ? gap::fixed_space : *g;
  };
  if (s.items.empty()) {
    fix({&s.last});
    return s;
  }
  auto front = std::vector<gap*>{&s.items.front().before};
  for (std::size_t i = 0; is_comment(i); ++i)
    front.push_back(i + 1 < s.items.size() ? &s.items[i + 1].before : &s.last);
  auto back = std::vector<gap*>{&s.last};
  for (auto i = s.items.size() - 1; is_comment(i); --i)
    back.push_back(&s.items[i].before);
  fix(front);
  fix(back);
  return s;
}

/// True if there is a space at that end that must stay one, so that no line end may be added there.
bool is_fixed(const sequence& s, bool at_begin) {
  for (std::size_t i = 0; i < s.items.size(); ++i) {
    const auto& one = s.items[at_begin ? i : s.items.size() - 1 - i];
    const auto behind = i == 0 ? s.last : s.items[s.items.size() - i].before;
    if ((at_begin ? one.before : behind) == gap::fixed_space)
      return true;
    if (one.what == nullptr || one.what->as<comment_node>() == nullptr)
      return false;
  }
  return s.last == gap::fixed_space || (!s.items.empty() && s.items.front().before == gap::fixed_space);
}

/// Begins a line of its own where white space allows it.
bool is_block(const node& n) {
  if (n.as<if_node>() != nullptr || n.as<for_node>() != nullptr)
    return true;
  const auto* e = n.as<element_node>();
  if (e == nullptr)
    return false;
  if (e->what == element_node::kind::component)
    return std::ranges::any_of(e->children, is_block);
  return e->what == element_node::kind::slot || is_block_element(e->name) || holds_no_text(e->name)
      || is_raw_element(e->name) || e->name == "pre";
}

class printer {
public:
  explicit printer(const source& from) : source_{from} {}

  std::string file(const template_file& f);

private:
  void content(const sequence& s, std::size_t depth);
  void place(const item& i, const item* before, std::size_t depth, std::size_t glued);
  void broken(const node& n, std::size_t depth);
  void element(const element_node& e, std::size_t depth);
  void open_tag(const element_node& e, std::size_t depth);
  void one_unit(const unit& u, bool is_followed);

  void put(std::string_view text) {
    out_ += text;
    const auto last = text.rfind('\n');
    column_ = last == std::string_view::npos ? column_ + characters(text) : characters(text.substr(last + 1));
  }
  void new_line(std::size_t depth, bool is_blank = false) {
    put(is_blank ? "\n\n" : "\n");
    put(std::string(2 * depth, ' '));
  }
  [[nodiscard]] std::optional<std::string> flat(const item& i) const {
    return i.what == nullptr ? i.word : flat_.one(*i.what);
  }
  /// How much of a line it takes at least.
  [[nodiscard]] std::size_t first_width(const item& i) const {
    if (i.what == nullptr)
      return characters(i.word);
    auto text = std::string{};
    if (const auto* e = i.what->as<element_node>())
      text = flat_printer::open_tag(*e);
    else if (const auto* b = i.what->as<if_node>())
      text = flat_printer::branch_head(b->branches.front(), true);
    else if (const auto* f = i.what->as<for_node>())
      text = flat_printer::loop_head(*f);
    else
      text = flat_.verbatim(*i.what);
    return characters(text.substr(0, text.find('\n')));
  }
  [[nodiscard]] bool fits(std::size_t more) const { return column_ + more <= line_characters_max; }

  const source& source_;
  flat_printer flat_;
  std::string out_;
  std::size_t column_ = 0;
};

/// Items one after the other: words fill lines, what begins a line of its own does so, and line ends that the user made
/// between anything but words stay.
void printer::content(const sequence& s, std::size_t depth) {
  for (std::size_t n = 0; n < s.items.size(); ++n) {
    // What is glued to the item cannot go to the next line without it.
    auto glued = std::size_t{0};
    for (auto next = n + 1; next < s.items.size() && s.items[next].before == gap::none; ++next) {
      glued += first_width(s.items[next]);
      if (s.items[next].what != nullptr && s.items[next].what->as<value_node>() == nullptr)
        break;  // Behind its first line there are others.
    }
    if (n > 0)
      place(s.items[n], &s.items[n - 1], depth, glued);
    else {
      if (s.items[0].before == gap::fixed_space)
        put(" ");
      else if (s.items[0].before != gap::none)
        new_line(depth);
      place({gap::none, s.items[0].word, s.items[0].what}, nullptr, depth, glued);
    }
  }
}

void printer::place(const item& i, const item* before, std::size_t depth, std::size_t glued) {
  const auto text = flat(i);
  const auto is_own_line = [](const item& one) { return one.what != nullptr && is_block(*one.what); };
  if (before != nullptr && i.before != gap::none) {
    const auto are_words = i.what == nullptr && before->what == nullptr;
    const auto is_fixed_space = i.before == gap::fixed_space;
    const auto is_kept = i.before == gap::blank_line || (i.before == gap::line && !are_words);
    if (is_fixed_space)
      put(" ");
    else if (is_kept || is_own_line(i) || is_own_line(*before)
             || !fits(1 + (text ? characters(*text) : line_characters_max) + glued))
      new_line(depth, i.before == gap::blank_line);
    else
      put(" ");
  }
  if (text && (i.what == nullptr || fits(characters(*text) + glued)))
    put(*text);
  else
    broken(*i.what, depth);
}

void printer::broken(const node& n, std::size_t depth) {
  // The content of a block; a space at its ends must stay one.
  const auto block_content = [&](const nodes& list) {
    const auto s = block_sequence(list);
    if (!s.items.empty() && s.items.front().before == gap::none && !is_fixed(s, true))
      new_line(depth + 1);
    content(s, depth + 1);
    if (s.last == gap::fixed_space)
      put(" ");
    else if (!is_fixed(s, false))
      new_line(depth);
  };
  if (const auto* e = n.as<element_node>())
    return element(*e, depth);
  if (const auto* b = n.as<if_node>()) {
    for (const auto& branch : b->branches) {
      put(flat_printer::branch_head(branch, &branch == b->branches.data()));
      block_content(branch.children);
    }
    return put("<% end %>");
  }
  if (const auto* f = n.as<for_node>()) {
    put(flat_printer::loop_head(*f));
    block_content(f->children);
    return put("<% end %>");
  }
  put(flat_.verbatim(n));
}

void printer::open_tag(const element_node& e, std::size_t depth) {
  const auto attributes = flat_printer::attributes_of(e);
  auto line = flat_printer::open_tag(e);
  if (attributes.empty() || (line.find('\n') == std::string::npos && fits(characters(line))))
    return put(line);
  put("<" + flat_printer::tag_name(e));
  for (const auto& a : attributes) {
    new_line(depth + 1);
    put(a);
  }
  new_line(depth);
  put(flat_printer::is_leaf(e) && e.what != element_node::kind::html ? "/>" : ">");
}

void printer::element(const element_node& e, std::size_t depth) {
  open_tag(e, depth);
  if (flat_printer::is_leaf(e))
    return;
  if (is_verbatim(e)) {
    put(flat_.verbatim_content(e));
  } else {
    const auto is_free = e.what != element_node::kind::html || is_block_element(e.name) || holds_no_text(e.name);
    const auto s = sequence_of(e.children);
    if (!s.items.empty() && is_free)
      new_line(depth + 1);
    const auto is_plain = flat_printer::has_plain_braces(e);
    flat_.enter(is_plain);
    content(s, depth + 1);
    flat_.leave(is_plain);
    if (s.items.empty())
      put(s.last == gap::none ? "" : " ");
    else if (is_free || s.last != gap::none)
      new_line(depth);
  }
  put("</" + flat_printer::tag_name(e) + ">");
}

// ---- the file ----

void printer::one_unit(const unit& u, bool is_followed) {
  const auto is_view = u.what == unit::kind::view;
  // The directive as it stands, without what is around it.
  auto inner = source_.text(u.where);
  inner.remove_prefix(3);
  inner.remove_suffix(2);
  put("<%@ " + std::string{trim(inner)} + " %>");
  const auto depth = std::size_t{is_view ? 0U : 1U};
  if (!u.children.empty()) {
    new_line(depth);
    content(sequence_of(u.children), depth);
  }
  put(is_view && !is_followed ? "\n" : "\n<%@ end %>\n");
}

std::string printer::file(const template_file& f) {
  for (const auto& head : f.head) {
    if (const auto* i = std::get_if<include_item>(&head))
      put("<%@ include " + i->path + " %>\n");
    else if (const auto* s = std::get_if<namespace_item>(&head))
      put("<%@ namespace " + s->name + " %>\n");
    else
      put("<%!--" + std::get<comment_item>(head).text + "--%>\n");
  }
  for (std::size_t n = 0; n <= f.units.size(); ++n) {
    if (!out_.empty() && n < f.units.size())
      put("\n");
    for (const auto& [behind, comment] : f.comments)
      if (behind == n)
        put((n == f.units.size() ? "\n<%!--" : "<%!--") + comment.text + "--%>\n");
    if (n < f.units.size())
      one_unit(f.units[n], !f.comments.empty() && f.comments.back().first > n);
  }
  return std::move(out_);
}

}  // namespace

std::optional<std::string> format(const source& from, diagnostics& out) {
  auto file = parse(from, out);
  if (out.has_errors())
    return std::nullopt;
  normalise_space(file, comment_handling::keep);
  return printer{from}.file(file);
}

}  // namespace beamline::web::heex

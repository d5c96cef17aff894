#include "web/template/id_checks.hpp"

#include "base/html_attributes.hpp"

#include <algorithm>
#include <map>

namespace beamline::web::heex {

namespace {

/// Which conditions hold where an element stands: (condition, branch) from the outside in.
using conditions = std::vector<std::pair<const void*, std::size_t>>;

class id_checker {
public:
  explicit id_checker(diagnostics& out) : out_{out} {}

  void content(const nodes& list);

private:
  struct known_id {
    conditions path;
    span where;
  };

  void element(const element_node& e);
  void id(const attribute& a);
  void within(const void* condition, std::size_t branch, const nodes& list) {
    path_.emplace_back(condition, branch);
    content(list);
    path_.pop_back();
  }

  diagnostics& out_;
  conditions path_;
  std::size_t loops_ = 0;
  std::map<std::string, std::vector<known_id>, std::less<>> ids_;
};

/// True if the element of one is shown whenever that of the other is. (Two conditions may exclude each other.)
bool are_shown_together(const conditions& a, const conditions& b) {
  const auto& shorter = a.size() < b.size() ? a : b;
  const auto& longer = a.size() < b.size() ? b : a;
  return std::equal(shorter.begin(), shorter.end(), longer.begin());
}

void id_checker::id(const attribute& a) {
  if (loops_ > 0) {
    out_.error(a.where, "every row of the loop would have the id \"" + a.text + "\"; make it of the row: id={…}");
    return;
  }
  auto& known = ids_[a.text];
  const auto other = std::ranges::find_if(known, [&](const known_id& k) { return are_shown_together(k.path, path_); });
  if (other != known.end())
    out_.error(a.where, "the id \"" + a.text + "\" is taken by the element in line "
                            + std::to_string(out_.of().place_of(other->where.begin).line)
                            + "; ids are unique in a page");
  known.push_back({path_, a.where});
}

void id_checker::element(const element_node& e) {
  // What a component does with its content is its own affair: it may show it often, or never.
  const auto is_repeated = e.loop.has_value();
  const auto is_apart = e.condition.has_value() || e.what == element_node::kind::slot;
  loops_ += is_repeated ? 1 : 0;
  if (is_apart)
    path_.emplace_back(&e, 0);
  if (e.what == element_node::kind::html)
    for (const auto& a : e.attributes)
      if (html::is_same_name(a.name, "id") && a.what == attribute::kind::literal)
        id(a);
  content(e.children);
  if (is_apart)
    path_.pop_back();
  loops_ -= is_repeated ? 1 : 0;
}

void id_checker::content(const nodes& list) {
  for (const auto& n : list) {
    if (const auto* e = n.as<element_node>())
      element(*e);
    else if (const auto* f = n.as<for_node>()) {
      ++loops_;
      content(f->children);
      --loops_;
    } else if (const auto* b = n.as<if_node>())
      for (std::size_t i = 0; i < b->branches.size(); ++i)
        within(b, i, b->branches[i].children);
  }
}

}  // namespace

void check_ids(const unit& u, diagnostics& out) { id_checker{out}.content(u.children); }

}  // namespace beamline::web::heex

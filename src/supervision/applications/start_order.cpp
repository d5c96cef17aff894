#include "supervision/applications/start_order.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace beamline::supervision {

namespace {

/// Walks depth first; the path from the root is the stack, kept on the heap: a chain of dependencies may be long.
class walk {
public:
  explicit walk(const dependency_lookup& find) : find_{find} {}

  std::optional<application_error> visit(const std::string& root) {
    if (auto wrong = enter(root))
      return wrong;
    while (!path_.empty()) {
      auto& top = path_.back();
      if (top.next == top.dependencies->size()) {
        placed_.insert(top.name);
        order_.push_back(std::move(top.name));
        path_.pop_back();
      } else if (auto wrong = enter((*top.dependencies)[top.next++])) {
        return wrong;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<std::string> take() && { return std::move(order_); }

private:
  struct step {
    std::string name;
    const std::vector<std::string>* dependencies;
    std::size_t next = 0;
  };

  std::optional<application_error> enter(const std::string& name) {
    using kind = application_error::kind;
    if (placed_.contains(name))
      return std::nullopt;
    auto again = std::find_if(path_.begin(), path_.end(), [&](const step& s) { return s.name == name; });
    if (again != path_.end())
      return application_error{.what = kind::cycle, .application = name, .detail = path_text(again)};
    const auto* dependencies = find_(name);
    if (dependencies == nullptr && path_.empty())
      return application_error{.what = kind::not_found, .application = name};
    if (dependencies == nullptr)
      return application_error{.what = kind::not_found, .application = path_.back().name, .other = name};
    path_.push_back({name, dependencies});
    return std::nullopt;
  }

  [[nodiscard]] std::string path_text(std::vector<step>::const_iterator from) const {
    std::string out;
    for (auto s = from; s != path_.end(); ++s)
      out += "\"" + s->name + "\" -> ";
    return out + "\"" + from->name + "\"";
  }

  const dependency_lookup& find_;
  std::vector<step> path_;
  std::set<std::string> placed_;
  std::vector<std::string> order_;
};

}  // namespace

std::variant<std::vector<std::string>, application_error> start_order(const std::vector<std::string>& names,
                                                                      const dependency_lookup& find) {
  walk all{find};
  for (const auto& name : names)
    if (auto wrong = all.visit(name))
      return *std::move(wrong);
  return std::move(all).take();
}

}  // namespace beamline::supervision

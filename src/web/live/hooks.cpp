#include "web/live/hooks.hpp"

#include "web/live/event.hpp"
#include "web/live/view.hpp"

#include <algorithm>
#include <stdexcept>

namespace beamline::web::live {

template <class F>
void hook_chain<F>::attach(std::string name, F fn) {
  if (std::any_of(entries_.begin(), entries_.end(), [&](const entry& e) { return e.name == name; }))
    throw std::invalid_argument{"attach_hook(\"" + name + "\"): this stage has a hook of that name; detach it first"};
  entries_.push_back({std::move(name), std::make_shared<const F>(std::move(fn))});
}

template <class F>
bool hook_chain<F>::detach(std::string_view name) {
  return std::erase_if(entries_, [&](const entry& e) { return e.name == name; }) > 0;
}

template <class F>
std::vector<std::shared_ptr<const F>> hook_chain<F>::all() const {
  std::vector<std::shared_ptr<const F>> out;
  out.reserve(entries_.size());
  for (const auto& e : entries_)
    out.push_back(e.run);
  return out;
}

template class hook_chain<params_hook>;
template class hook_chain<event_hook>;
template class hook_chain<info_hook>;
template class hook_chain<render_hook>;

}  // namespace beamline::web::live

#include "gallery/views/list.hpp"

#include "gallery/views/list.heex.hpp"

#include <algorithm>

namespace gallery {

namespace {

/// Something to read: the number and what is special about it.
list_row row(std::int64_t n) {
  auto text = "Row " + std::to_string(n);
  std::int64_t root = 1;
  while (root * root < n)
    ++root;
  if (root * root == n)
    text += ", the square of " + std::to_string(root);
  else if (n % 100 == 0)
    text += ", a round number";
  return {n, text};
}

}  // namespace

void list_page::mount(const live::mount_params&, live::view_socket&) { append(); }

void list_page::append() {
  const auto until = std::min(*assigns_.last + list_step, list_end);
  for (auto n = *assigns_.last + 1; n <= until; ++n)
    assigns_.rows.insert(row(n), {.limit = -list_kept});
  assigns_.last = until;
  assigns_.first = std::max(*assigns_.first, until - list_kept + 1);
}

void list_page::prepend() {
  const auto from = std::max<std::int64_t>(*assigns_.first - list_step, 1);
  for (auto n = *assigns_.first - 1; n >= from; --n)
    assigns_.rows.insert(row(n), {.at = 0, .limit = list_kept});
  assigns_.first = from;
  assigns_.last = std::min(*assigns_.last, from + list_kept - 1);
}

void list_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "more") {
    append();
    return s.reply({{"done", *assigns_.last == list_end}});
  }
  if (e.name == "earlier") {
    prepend();
    return s.reply({{"done", *assigns_.first == 1}});
  }
  view::handle_event(e, s);
}

live::rendered list_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string list_page::title() const { return "Infinite list"; }

}  // namespace gallery

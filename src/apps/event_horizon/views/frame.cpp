#include "apps/event_horizon/views/frame.hpp"

#include "apps/event_horizon/views/frame.heex.hpp"
#include "apps/event_horizon/views/render_alone.hpp"

namespace beamline::event_horizon {

namespace live = web::live;

framed::framed(std::unique_ptr<live::view> page, std::string section)
    : page_{std::move(page)}, section_{std::move(section)} {}

void framed::mount(const live::mount_params& p, live::view_socket& s) {
  site_title_ = s.env().get<blog>().options().title;
  page_->mount(p, s);
}

void framed::handle_params(const live::mount_params& p, live::view_socket& s) { page_->handle_params(p, s); }

void framed::handle_event(const live::event& e, live::view_socket& s) { page_->handle_event(e, s); }

bool framed::handle_message(const caf::type_erased_tuple& content, live::view_socket& s) {
  return page_->handle_message(content, s);
}

live::rendered framed::render(live::render_context& c) const {
  const std::optional<site_numbers> of_footer;  // Its own view has them.
  auto attrs = page_frame_attrs{site_title_, section_, true, of_footer, {}};
  attrs.inner_block.add([&] { return page_->render(c); });
  return page_frame(attrs, c);
}

std::string framed::title() const { return page_->title(); }

safe_html framed::head() const { return page_->head(); }

void framed::terminate(const reason& why) { page_->terminate(why); }

live::rendered frame_around(const blog& of, const std::string& section, const live::rendered& content) {
  const auto numbers = of.site();
  auto attrs = page_frame_attrs{of.options().title, section, false, numbers, {}};
  attrs.inner_block.add([&] { return content; });
  return render_alone(page_frame, attrs);
}

}  // namespace beamline::event_horizon

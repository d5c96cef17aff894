#include "gallery/views/index.hpp"

#include "gallery/views/index.heex.hpp"

namespace gallery {

live::rendered index_page::render(live::render_context& c) const { return render_template(assigns{}, c); }

std::string index_page::title() const { return "What a live page can do"; }

}  // namespace gallery

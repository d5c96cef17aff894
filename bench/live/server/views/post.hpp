#pragma once

#include "live/server/topics.hpp"
#include "web/live/stream.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>

namespace beamline::bench {

/// A page as a blog has them: a text and a hundred comments.
class post final : public web::live::view_of<post, likes_changed> {
public:
  struct comment {
    std::int64_t id;
    std::string by;
    std::string text;
  };
  struct assigns {
    web::live::assign<std::string> heading;
    web::live::assign<std::string> text;
    web::live::assign<std::int64_t> likes{0};
    web::live::stream<comment> comments{"comments"};
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  void handle_info(const likes_changed& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

}  // namespace beamline::bench

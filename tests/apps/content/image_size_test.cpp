#include "apps/event_horizon/content/image_size.hpp"

#include "apps/content/folder.hpp"
#include "base/random.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace std::string_literals;

namespace {

std::string little16(int n) { return {static_cast<char>(n), static_cast<char>(n >> 8)}; }
std::string big16(int n) { return {static_cast<char>(n >> 8), static_cast<char>(n)}; }
std::string little24(int n) { return little16(n) + static_cast<char>(n >> 16); }

/// A JPEG as cameras write it: with a preview in its Exif block, which is no frame of the picture.
std::string jpeg(int width, int height, int orientation) {
  auto exif = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01"s + big16(orientation) + "\0\0\0\0\0\0"s
            + "\xff\xd8\xff\xc0 a preview"s;
  auto out = "\xff\xd8\xff\xe1"s + big16(static_cast<int>(exif.size()) + 2) + exif;
  out += "\xff\xdb"s + big16(5) + "xyz";
  return out + "\xff\xc2"s + big16(17) + "\x08"s + big16(height) + big16(width) + std::string(20, '\0');
}

std::string shown(std::string_view head) {
  auto size = read_image_size(head);
  return size ? std::to_string(size->width) + "x" + std::to_string(size->height) : "none";
}

}  // namespace

TEST_CASE("sizes are read from the beginning of each kind of file") {
  CHECK(shown(test::png(640, 480)) == "640x480");
  CHECK(shown("GIF89a"s + little16(320) + little16(200)) == "320x200");
  CHECK(shown(jpeg(800, 600, 1)) == "800x600");
  CHECK(shown("RIFF....WEBPVP8X"s + std::string(8, '\0') + little24(1023) + little24(767)) == "1024x768");
  CHECK(shown("RIFF....WEBPVP8 ...."s + "xxx\x9d\x01\x2a"s + little16(176) + little16(144)) == "176x144");
  CHECK(shown("RIFF....WEBPVP8L....\x2f"s + "\x63\x40\x0c\x00"s) == "100x50");
  CHECK(shown("<?xml version=\"1.0\"?><svg xmlns='x' width=\"120px\" height='60'>") == "120x60");
  CHECK(shown("<svg viewBox=\"0 0 24 12\">") == "24x12");
  CHECK(shown("<svg width=\"100%\" viewBox=\"0,0,300.5,200\">") == "300x200");
}

TEST_CASE("a picture that was held upright is shown upright") {
  CHECK(shown(jpeg(800, 600, 6)) == "600x800");
  CHECK(shown(jpeg(800, 600, 3)) == "800x600");
}

TEST_CASE("what is damaged, absurd or something else has no size") {
  CHECK(shown("") == "none");
  CHECK(shown("text") == "none");
  CHECK(shown(test::png(0, 10)) == "none");
  CHECK(shown(test::png(1 << 30, 10)) == "none");
  CHECK(shown(test::png(-1, 10)) == "none");
  CHECK(shown("<svg viewBox=\"0 0 1e9 nan\">") == "none");
  CHECK(shown("\xff\xd8\xff\xe1\x00\x00\x00\x00\x00\x00\x00\x00\x00"s) == "none");
}

TEST_CASE("any octets are looked at without harm") {
  auto random = seeded_random{11};
  for (const auto& good : {test::png(64, 32), jpeg(64, 32, 6), "RIFF....WEBPVP8X"s + std::string(14, '\1')})
    for (int i = 0; i < 2000; ++i) {
      auto other = good.substr(0, random.below(good.size() + 1));
      if (!other.empty())
        other[random.below(other.size())] = static_cast<char>(random.next());
      auto size = read_image_size(other);
      CHECK((!size || (size->width >= 1 && size->width <= image_side_max && size->height >= 1)));
    }
}

import type { TestContext } from "vitest"
import { standInImages, type ImageNames } from "../images/image-names.ts"
import { findEngine, type Engine } from "./engine.ts"
import { missingImages } from "./image.ts"

/** The engine for a test; without one the test is skipped with the reason. */
export const engineOrSkip = async (context: TestContext): Promise<Engine> => {
  try {
    return await findEngine()
  } catch (error) {
    return context.skip(error instanceof Error ? error.message : String(error))
  }
}

/** The engine and the stand-ins on it; where one of them is missing the test is skipped with the reason. */
export const imagesOrSkip = async (
  context: TestContext,
): Promise<{ readonly engine: Engine; readonly images: ImageNames }> => {
  const engine = await engineOrSkip(context)
  const missing = await missingImages(engine, standInImages)
  if (missing !== undefined) context.skip(missing)
  return { engine, images: standInImages }
}
